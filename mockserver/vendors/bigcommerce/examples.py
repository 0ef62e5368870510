def examples():
    return ()
