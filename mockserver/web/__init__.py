"""HTTP: requests become calls, replies become responses. The only folder that imports Flask."""
