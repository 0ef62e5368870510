"""An offline stand-in for the merchant and identity backends that a token hand-off talks to."""

__version__ = "0.1.0"
