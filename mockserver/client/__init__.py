"""The admin API from Python: sandboxes, and for each its clock, tokens, rules, journal, options, keys and records.

>>> server = Mockserver("http://127.0.0.1:8080")  # doctest: +SKIP
>>> with server.sandbox() as sandbox:  # doctest: +SKIP
...     sandbox.ingrid.auth_url
'http://127.0.0.1:8080/~sandbox-…/ingrid/v1/auth/token'
"""

from mockserver.client.clock import Clock, Time
from mockserver.client.contents import Keys, Options, Records
from mockserver.client.journal import Exchange, Journal
from mockserver.client.rules import RecentCall, Rule, Rules
from mockserver.client.sandbox import Sandbox
from mockserver.client.server import Mockserver
from mockserver.client.tokens import Token, Tokens
from mockserver.client.variables import Variables
from mockserver.client.wire import MockserverError

__all__ = [
    "Clock",
    "Exchange",
    "Journal",
    "Keys",
    "Mockserver",
    "MockserverError",
    "Options",
    "RecentCall",
    "Records",
    "Rule",
    "Rules",
    "Sandbox",
    "Time",
    "Token",
    "Tokens",
    "Variables",
]
