"""A small shop that plays Ingrid's whole hand-off, to be watched in a browser: page, backend, emulator.

Where to look: `backend` holds the secret and makes the hand-off, `site` serves the page and lets it ask for things,
`page/` is what the browser runs.
"""
