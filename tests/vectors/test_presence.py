"""In CI the vectors must be there: a skip would be a promise that nobody checks."""

from __future__ import annotations

from tests.clients.tools import missing
from tests.vectors.public import PRESENT


def test_the_public_vectors_are_where_the_tests_look():
    if not PRESENT:
        missing("the folder of public test vectors", "set MOCKSERVER_VECTORS to it")

    assert PRESENT
