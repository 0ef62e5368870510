"""What the journal shows of secrets: their fingerprints, and of a JWT everything but its signature."""

from __future__ import annotations

import json
import re

import pytest

from mockserver.core import jws, redaction
from mockserver.core.bodies import FORM, JSON
from mockserver.core.entropy import Entropy
from mockserver.core.keys import SigningKey

JWT = SigningKey.draw(Entropy("seed")).sign({"sub": "sa_demo"})
HEADER_AND_CLAIMS, _, SIGNATURE = JWT.rpartition(".")
SHOWN = HEADER_AND_CLAIMS + ".<signature>"
SECRET = "bc_demo_access_token_0123456789"
SECRETS = frozenset({"client_secret", "accessToken", "API-KEY"})
FINGERPRINT = re.compile(r"<secret [0-9a-f]{8}>")


def test_a_fingerprint_is_the_same_for_the_same_secret_only():
    assert redaction.fingerprint(SECRET) == redaction.fingerprint(SECRET)
    assert redaction.fingerprint(SECRET) != redaction.fingerprint(SECRET + "!")
    assert FINGERPRINT.fullmatch(redaction.fingerprint(SECRET))


def test_a_fingerprint_takes_any_text():
    assert FINGERPRINT.fullmatch(redaction.fingerprint("\ud800"))


class TestText:
    def test_a_token_loses_its_signature_and_keeps_its_claims(self):
        shown = redaction.text(f"the token {JWT}, and {JWT}")

        assert shown == f"the token {SHOWN}, and {SHOWN}"
        assert jws.decode(shown.split()[2].split(".")[1]) == b'{"sub":"sa_demo"}'

    @pytest.mark.parametrize("opening", ["{", "{\n  ", "{ ", "{\r\n", "{\t"], ids=repr)
    def test_a_token_loses_its_signature_however_its_objects_are_written(self, opening):
        header, claims = (jws.encode((opening + rest).encode()) for rest in ('"alg":"HS256"}', '"iss":"somebody"}'))

        assert redaction.text(f"/login/token/{header}.{claims}.c2ln") == f"/login/token/{header}.{claims}.<signature>"

    @pytest.mark.parametrize(
        "text", ["", "plain text", "a.b.c", "eyJ", "eyJhbGciOiJub25lIn0.eyJ9.", "eye.eyes.example", "new.ewer.pots"]
    )
    def test_a_text_without_signatures_stays(self, text):
        assert redaction.text(text) == text


class TestHeaders:
    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("Authorization", f"Bearer {JWT}", f"Bearer {SHOWN}"),
            ("authorization", f"Basic {SECRET}", f"Basic {redaction.fingerprint(SECRET)}"),
            ("AUTHORIZATION", SECRET, redaction.fingerprint(SECRET)),
            ("Proxy-Authorization", f"Basic {SECRET}", f"Basic {redaction.fingerprint(SECRET)}"),
            ("Api-Key", SECRET, redaction.fingerprint(SECRET)),
            ("Api-Key-Bin", SECRET, redaction.fingerprint(SECRET)),
            ("X-Other", f"see {JWT}", f"see {SHOWN}"),
            ("Content-Type", "application/json", "application/json"),
            ("Authorization", "", redaction.fingerprint("")),
        ],
    )
    def test_a_field_is_shown_so(self, name, value, shown):
        assert redaction.header_fields([(name, value)], SECRETS) == [[name, shown]]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("Cookie", f"SHOP_SESSION_TOKEN={SECRET}"),
            ("Cookie", f"SHOP_SESSION_TOKEN={SECRET}; theme=dark"),
            ("Cookie", f"theme=dark; SHOP_SESSION_TOKEN={SECRET}"),
            ("Set-Cookie", f"SHOP_SESSION_TOKEN={SECRET}; Path=/; HttpOnly"),
            ("API-KEY", f"{SECRET} with blanks in it"),
            ("Authorization", f"Bearer  {SECRET}"),
            ("Authorization", f"Bearer {SECRET} {SECRET}"),
            ("Authorization", f"{SECRET} and more"),
        ],
    )
    def test_no_field_shows_a_secret_whole(self, name, value):
        [[_, shown]] = redaction.header_fields([(name, value)], SECRETS)

        assert SECRET not in shown
        assert FINGERPRINT.search(shown)

    def test_fields_keep_their_order_and_their_repeats(self):
        pairs = [("B", "1"), ("A", "2"), ("B", "3")]

        assert redaction.header_fields(pairs, SECRETS) == [["B", "1"], ["A", "2"], ["B", "3"]]


class TestBodies:
    def test_nothing_is_shown_of_nothing(self):
        assert redaction.body(b"", JSON, SECRETS) is None

    def test_a_json_body_is_shown_with_its_secrets_hidden(self):
        body = {
            "client_secret": SECRET,
            "accessToken": JWT,
            "note": f"not secret, but {JWT}",
            "nested": [{"client_secret": SECRET, "n": 1}, None, True],
        }

        shown = redaction.body(json.dumps(body).encode(), JSON, SECRETS)

        assert shown == {
            "client_secret": redaction.fingerprint(SECRET),
            "accessToken": SHOWN,
            "note": f"not secret, but {SHOWN}",
            "nested": [{"client_secret": redaction.fingerprint(SECRET), "n": 1}, None, True],
        }

    def test_a_form_is_shown_with_its_secrets_hidden(self):
        shown = redaction.body(f"client_id=me&client_secret={SECRET}&assertion={JWT}&empty=".encode(), FORM, SECRETS)

        assert shown == {
            "client_id": "me",
            "client_secret": redaction.fingerprint(SECRET),
            "assertion": SHOWN,
            "empty": "",
        }

    @pytest.mark.parametrize(
        "body",
        [
            f'{{"client_secret": "{SECRET}"',
            f'{{"accessToken": "{JWT}", "x": ',
            f'["{SECRET}"',
            f"<secret>{SECRET}</secret>",
            f"my secret is {SECRET}",
            f'{{"client_secret": ["{SECRET}"]}}',
            f'{{"client_secret": {{"value": "{SECRET}"}}}}',
            "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0=",
            f'\ufeff{{"client_secret": "{SECRET}"}}',
            f"client_secret={SECRET}&\xff",
        ],
    )
    def test_no_body_shows_a_secret_whole(self, body):
        shown = json.dumps(redaction.body(body.encode(), JSON, SECRETS))

        assert SECRET not in shown
        assert SIGNATURE not in shown
        assert "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0" not in shown

    def test_a_secret_that_is_a_number_is_hidden_too(self):
        assert "1234567890123" not in json.dumps(redaction.body(b'{"client_secret": 1234567890123}', JSON, SECRETS))

    def test_bytes_that_are_no_text_are_shown_as_far_as_they_are(self):
        assert redaction.body(b"\xff\xfeshort", JSON, SECRETS) == "\N{REPLACEMENT CHARACTER}" * 2 + "short"


def test_a_query_is_shown_with_its_secrets_hidden():
    shown = redaction.query(f"a=1&client_secret={SECRET}&b={JWT}&c", SECRETS)

    assert shown == {"a": "1", "client_secret": redaction.fingerprint(SECRET), "b": SHOWN, "c": ""}
