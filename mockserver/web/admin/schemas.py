"""What the admin API takes and answers. Requests are strict: an unknown member is an error that names the near one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, validate, validates_schema

from mockserver.core.expectations import OUTCOMES, ExchangeFilter, Expectation, is_outcome
from mockserver.core.reasons import REASONS
from mockserver.core.tokens import TokenFilter
from mockserver.rulebook import RuleSchema
from mockserver.schema import (
    EARLIEST,
    LATEST,
    OFF_THE_CALENDAR,
    Duration,
    Instant,
    ResponseBody,
    StrictSchema,
    TrueOrFalse,
    WholeNumber,
    unknown_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CENTURY = timedelta(days=36525)
MOST = 1_000


class Nothing(StrictSchema):
    """No members."""


class ProblemAnswer(ResponseBody):
    """Problem details (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Dict(), metadata={"description": "pointer, field and detail of each wrong field"})


class StatusAnswer(ResponseBody):
    """Fine."""

    status = fields.String(required=True)


class VersionAnswer(ResponseBody):
    """What this is."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    listens = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "URLs by protocol; of gRPC host:port"},
    )


class SandboxRequest(StrictSchema):
    """A sandbox to be made: everything may be left out."""

    name = fields.String(metadata={"description": "1 to 63 lower-case letters, digits, - and _", "example": "team"})
    scenario = fields.Dict(metadata={"description": "as in a scenario file; the server's own if not given"})
    seed = fields.String(metadata={"description": "with the same name, gives the same credentials again"})
    options = fields.Dict(keys=fields.String(), values=fields.Dict(), metadata={"description": "by vendor"})
    keys = fields.String(validate=validate.OneOf(("pool", "fresh")), metadata={"description": "fresh: generated, slow"})


class SandboxAnswer(ResponseBody):
    """A sandbox: where it is called, and what an integrator configures, by vendor."""

    name = fields.String(required=True)
    url = fields.String(required=True)
    credentials = fields.Dict(keys=fields.String(), values=fields.Dict())
    failures = fields.Integer(metadata={"description": "bugs of the emulator that were met there"})


class SandboxList(ResponseBody):
    """Sandboxes by age of their last use, the idlest first; `default` leads."""

    items = fields.List(fields.Nested(SandboxAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class CredentialsQuery(StrictSchema):
    """In which form."""

    format = fields.String(validate=validate.OneOf(("json", "dotenv", "shell")))


class CredentialsAnswer(ResponseBody):
    """Environment variables by vendor; a vendor that has nobody to hand out is left out."""


class ClockRequest(StrictSchema):
    """What time it shall be; without *now*, it stays what it is."""

    now = Instant(
        validate=validate.Range(EARLIEST, LATEST, error=OFF_THE_CALENDAR), metadata={"example": "2030-01-01T00:00:00Z"}
    )
    frozen = TrueOrFalse()


class AdvanceRequest(StrictSchema):
    """By how much; backwards if negative."""

    seconds = Duration(required=True, validate=validate.Range(-CENTURY, CENTURY), metadata={"example": 360})


class ClockAnswer(ResponseBody):
    """The sandbox's time, and how far it is ahead of the machine's."""

    now = fields.String(required=True)
    frozen = fields.Boolean(required=True)
    ahead_seconds = fields.Float(required=True)


class TokenFilterSchema(StrictSchema):
    """Which tokens: all that agree in what is given."""

    vendor = fields.String()
    kind = fields.String()
    id = fields.String()
    subject = fields.String()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        del kwargs
        which = {name: data.pop(name) for name in ("vendor", "kind", "id", "subject") if name in data}
        return {"which": TokenFilter(**which), **data}


class AgeRequest(TokenFilterSchema):
    """Which tokens, and by how much they get older."""

    seconds = Duration(required=True, validate=validate.Range(-CENTURY, CENTURY), metadata={"example": 360})


class Digits(fields.Integer):
    """A whole number as a query has it: digits, and nothing that other languages take for one."""

    def _validated(self, value: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < len("1000000000")):
            raise self.make_error("invalid")
        return int(value)


class Paged(StrictSchema):
    """A part of a list."""

    limit = Digits(validate=validate.Range(1, MOST))
    after = fields.String(metadata={"description": "the `next` of the part before"})


class TokenQuery(TokenFilterSchema, Paged):
    """Which tokens to list."""

    state = fields.String(validate=validate.OneOf(("alive", "expired", "revoked")))


class IssueRequest(StrictSchema):
    """A token wanted: the hand-off is played for it."""

    vendor = fields.String(required=True, metadata={"example": "ingrid"})
    kind = fields.String(metadata={"description": "the last of the hand-off if not given"})


class IssuedAnswer(ResponseBody):
    """A token that was just issued, whole."""

    vendor = fields.String(required=True)
    kind = fields.String(required=True)
    token = fields.String(required=True)


class TokenAnswer(ResponseBody):
    """What is remembered of a token. Its text is not."""

    id = fields.String(required=True)
    vendor = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("alive", "expired", "revoked")))
    issued_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    revoked_at = fields.String(required=True, allow_none=True)


class TokenList(ResponseBody):
    """Tokens, the oldest first."""

    items = fields.List(fields.Nested(TokenAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ChangedAnswer(ResponseBody):
    """How many were changed."""

    changed = fields.Integer(required=True)


class RecentCall(ResponseBody):
    """A recent call, and whether the rule struck it; if not, why not."""

    exchange = fields.String(required=True)
    struck = fields.Boolean(required=True)
    why = fields.String(required=True)


class RuleAnswer(RuleSchema):
    """A rule in force."""

    id = fields.String(required=True)
    matches = fields.Integer(required=True)
    strikes = fields.Integer(required=True)
    from_scenario = fields.Boolean(required=True)
    recent = fields.List(fields.Nested(RecentCall))


class RuleList(ResponseBody):
    """The rules in force, in their order."""

    items = fields.List(fields.Nested(RuleAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class WhichExchanges(StrictSchema):
    """Which exchanges: all that agree in what is given. `*` stands for any text."""

    vendor = fields.String()
    operation = fields.String(metadata={"example": "ingrid.mint_site_token"})
    outcome = fields.String(metadata={"description": "ok, refused, failed, or a reason code", "example": "ok"})
    status = Digits(metadata={"example": 200})
    method = fields.String()
    path = fields.String()
    credential = fields.String()
    preflight = fields.Boolean(truthy={"true"}, falsy={"false"})
    played = fields.Boolean(truthy={"true"}, falsy={"false"}, metadata={"description": "by the emulator itself"})

    @validates_schema
    def _outcome_exists(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "outcome" in data and not is_outcome(data["outcome"]):
            raise ValidationError(unknown_name(data["outcome"], [*OUTCOMES, *REASONS]), "outcome")


class JournalQuery(WhichExchanges, Paged):
    """Which exchanges to list."""

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        del kwargs
        paged = {name: data.pop(name) for name in tuple(Paged().fields) if name in data}
        return {"which": ExchangeFilter(**data), **paged}


class ExpectationSchema(WhichExchanges):
    """Which exchanges are expected, and how many; at least one if no number is given.

    Preflights do not count, nor what the emulator has played itself for a token, unless they are asked for.
    """

    status = WholeNumber(metadata={"example": 200})  # type: ignore[assignment]  # JSON has numbers, a query has not
    preflight = TrueOrFalse()
    played = TrueOrFalse()
    exactly = WholeNumber(validate=validate.Range(0))
    at_least = WholeNumber(validate=validate.Range(0))
    at_most = WholeNumber(validate=validate.Range(0))

    @validates_schema
    def _one_count(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "exactly" in data and ("at_least" in data or "at_most" in data):
            raise ValidationError("stands beside at_least or at_most", "exactly")
        if data.get("at_least", 0) > data.get("at_most", data.get("at_least", 0)):
            raise ValidationError("is less than at_least", "at_most")

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Expectation:
        del kwargs
        counts = {name: data.pop(name) for name in ("exactly", "at_least", "at_most") if name in data}
        data.setdefault("preflight", False)
        data.setdefault("played", False)
        return Expectation(ExchangeFilter(**data), **counts)


class VerifyRequest(ExpectationSchema):
    """An expectation, or several."""

    expectations = fields.List(fields.Nested(ExpectationSchema), validate=validate.Length(1, 100))

    @validates_schema
    def _not_both(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if "expectations" in data and len(data) > 1:
            raise ValidationError("stands beside another expectation", "expectations")

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        if "expectations" in data:
            return {"expectations": data["expectations"], "listed": True}
        return {"expectations": [super()._make(data, **kwargs)], "listed": False}


class ExchangeSummary(ResponseBody):
    """An exchange, in short."""

    id = fields.String(required=True)
    at = fields.String(required=True)
    sandbox = fields.String(required=True)
    vendor = fields.String(required=True)
    operation = fields.String(required=True)
    method = fields.String(required=True)
    path = fields.String(required=True)
    status = fields.Integer(required=True)
    reason = fields.String(required=True)
    hint = fields.String(required=True)
    outcome = fields.String(required=True)
    preflight = fields.Boolean(required=True)
    played = fields.Boolean(required=True, metadata={"description": "by the emulator itself, for POST /_mock/tokens"})


class ExchangeAnswer(ExchangeSummary):
    """An exchange, whole but for secrets."""

    request = fields.Dict(required=True)
    response = fields.Dict(required=True)
    explanation = fields.Dict(required=True)
    findings = fields.List(fields.Dict(), required=True)
    rules = fields.List(fields.String(), required=True)


class ExchangeList(ResponseBody):
    """Exchanges, the oldest first."""

    items = fields.List(fields.Nested(ExchangeSummary), required=True)
    next = fields.String(required=True, allow_none=True)


class NearMiss(ResponseBody):
    """An exchange that was nearly meant, and in what it differs."""

    exchange = fields.String(required=True)
    differences = fields.List(fields.String(), required=True)


class Verified(ResponseBody):
    """What came of one expectation."""

    met = fields.Boolean(required=True)
    detail = fields.String(required=True)
    count = fields.Integer(required=True)
    matched = fields.List(fields.String(), required=True)
    nearest = fields.List(fields.Nested(NearMiss), required=True)


class VerifyAnswer(ResponseBody):
    """Whether all of them are met, and each by itself."""

    met = fields.Boolean(required=True)
    results = fields.List(fields.Nested(Verified), required=True)


class ExplainRequest(StrictSchema):
    """A token or an assertion that nobody has sent, and for which operation; for every fitting one if not given."""

    token = fields.String(validate=validate.Length(1, 65536))
    assertion = fields.String(validate=validate.Length(1, 65536))
    operation = fields.String(metadata={"example": "ingrid.get_delivery_options"})

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if ("token" in data) == ("assertion" in data):
            raise ValidationError("give a token or an assertion, one of them", "token")


class Explained(ResponseBody):
    """What one operation would say."""

    operation = fields.String(required=True)
    accepted = fields.Boolean(required=True)
    reason = fields.String(required=True)
    meaning = fields.String(required=True)
    hint = fields.String(required=True)
    checks = fields.List(fields.Dict(), required=True)


class ExplainAnswer(ResponseBody):
    """What it says of itself, if it is a JWT; and what each operation would say of it."""

    header = fields.Dict(required=True, allow_none=True)
    claims = fields.Dict(required=True, allow_none=True)
    results = fields.List(fields.Nested(Explained), required=True)


class OperationCoverage(ResponseBody):
    """Which outcomes of an operation were met."""

    operation = fields.String(required=True)
    succeeded = fields.Boolean(required=True)
    met = fields.List(fields.String(), required=True)
    missing = fields.List(fields.String(), required=True)


class CoverageAnswer(ResponseBody):
    """Which outcomes were met since the sandbox was made, of all that there are."""

    met = fields.Integer(required=True)
    of = fields.Integer(required=True)
    operations = fields.List(fields.Nested(OperationCoverage), required=True)


class FindingAnswer(ResponseBody):
    """Something to know about calls that were answered normally."""

    reason = fields.String(required=True)
    meaning = fields.String(required=True)
    hint = fields.String(required=True)
    clause = fields.String(required=True)
    exchanges = fields.List(fields.String(), required=True)


class FindingList(ResponseBody):
    """Findings, each with its exchanges."""

    items = fields.List(fields.Nested(FindingAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class KeyAnswer(ResponseBody):
    """A key that a vendor signs with, or has signed with."""

    vendor = fields.String(required=True)
    ring = fields.String(required=True)
    kid = fields.String(required=True)
    algorithm = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("signing", "verifying", "over")))
    since = fields.String(required=True)
    until = fields.String(required=True, allow_none=True)


class KeyList(ResponseBody):
    """Keys by vendor, those in use first."""

    items = fields.List(fields.Nested(KeyAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class RotateRequest(StrictSchema):
    """How long the keys before go on verifying."""

    overlap = Duration(
        validate=validate.Range(timedelta(), CENTURY), metadata={"description": "seconds; 3600 if not given"}
    )


class OptionsAnswer(ResponseBody):
    """Options and their values."""


class RecordsAnswer(ResponseBody):
    """Records as a scenario would have them, with secrets hidden."""


class RecordList(ResponseBody):
    """Records of one collection."""

    items = fields.List(fields.Dict(), required=True)
    next = fields.String(required=True, allow_none=True)


class Freeform(StrictSchema):
    """Members as a scenario would have them: which there may be is said by whoever they are for."""

    class Meta:
        unknown = INCLUDE
