"""The payment provider behind a connector, as far as it shows: it accepts credentials or not, answers or not.

A credential that contains `mock_429`, `mock_timeout` or the like makes it fail on demand.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from mockserver.core.credentials import same
from mockserver.core.refusals import Refusal
from mockserver.vendors.hyperswitch.connectors import CREDENTIALS
from mockserver.vendors.hyperswitch.options import HyperswitchOptions
from mockserver.vendors.hyperswitch.records import HyperswitchRecords
from mockserver.vendors.hyperswitch.revisions import DOCS, revision_of

if TYPE_CHECKING:
    from mockserver.core.case import Case
    from mockserver.vendors.hyperswitch.credentials import Caller
    from mockserver.vendors.hyperswitch.records import Account

_STATUS = re.compile(r"mock_(400|401|403|404|429|500|501|503|504)(?!\d)")
_SLOW = re.compile(r"mock_slow_(\d{1,7})(?!\d)")
UNAUTHORIZED, FORBIDDEN = 401, 403
LONGEST = timedelta(hours=1)


def mark(caller: Caller, word: str) -> bool:
    """Whether a credential asks for this: `mock_expired`."""
    return any(f"mock_{word}" in value for value in caller.texts)


def ask(case: Case, caller: Caller) -> None:
    """Have the provider asked: it takes its time, and refuses, or does nothing of note."""
    text = " ".join(caller.texts)
    slow = _SLOW.search(text)
    if slow:
        case.delay = min(timedelta(milliseconds=int(slow[1])), LONGEST)
    failing = _STATUS.search(text)
    if failing:
        raise _answered(case, int(failing[1]))
    for word, reason in (("timeout", "upstream.timeout"), ("badbody", "upstream.unreadable")):
        if mark(caller, word):
            case.note(reason, passed=False, seen=f"mock_{word}")
            raise Refusal(reason, problem=reason)
    case.require(_accepted(case, caller), "credential.rejected", hint=_HINT, seen=caller.connector)


_HINT = "a required field is empty, or the option accounts lists others"


def _answered(case: Case, status: int) -> Refusal:
    rejected = status == UNAUTHORIZED or (status == FORBIDDEN and revision_of(case) is DOCS)
    reason = "credential.rejected" if rejected else f"upstream.{status}"
    case.note(reason, passed=False, seen=f"mock_{status}")
    return Refusal(reason, problem=reason, status=status)


def _accepted(case: Case, caller: Caller) -> bool:
    known = CREDENTIALS.get(caller.connector)
    if known and not all(caller.fields.get(name) for name in known.required):
        return False
    wanted = case.sandbox.get(HyperswitchOptions).accounts
    if wanted == "any":
        return True
    listed = case.sandbox.get(HyperswitchRecords).accounts.values() if isinstance(wanted, str) else wanted
    return any(_is(account, caller) for account in listed)


def _is(account: Account, caller: Caller) -> bool:
    # Each field is compared, so that the time it takes tells nothing of how far a guess has come.
    agreed = [same(caller.fields.get(name, ""), value) for name, value in account.fields.items()]
    return account.connector == caller.connector and all(agreed)
