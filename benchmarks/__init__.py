"""Side-by-side measurements. Each figure is held against something measured in the same run."""
