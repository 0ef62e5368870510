"""Rules as people write them, in scenarios and over the admin API; read strictly, and written back the same way."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from mockserver.core import jsontext
from mockserver.core.calls import Fault, Reply
from mockserver.core.reasons import REASONS, UnknownReasonError
from mockserver.core.rules import Hold, MintChange, Rule, Then, When, fits
from mockserver.schema import Duration, JsonValue, StrictSchema, TrueOrFalse, WholeNumber, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.core.vendor import Vendor

NOTHING, LONGEST = timedelta(), timedelta(hours=1)
YEARS = timedelta(days=36500)
DROPS = {"before": Fault.DROP_BEFORE, "midway": Fault.DROP_MIDWAY}


class HeaderFields(fields.Dict):
    """Header fields by name (RFC 9110 section 5)."""

    def __init__(self, *more: validate.Validator, **keywords: Any) -> None:
        name = validate.Regexp(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z", error="no name of a header field")
        value = validate.Regexp(r"[\t -~\x80-\xff]*\Z", error="no value of a header field")
        super().__init__(keys=fields.String(validate=[name, *more]), values=fields.String(validate=value), **keywords)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]  # marshmallow's
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # A place leads to a member, and a member has no steps `key` and `value` in it.
            flat = {
                name: [text for texts in wrong.values() for text in texts] for name, wrong in error.messages.items()
            }
            raise ValidationError(flat) from None


NO_FRAMING = validate.Regexp(r"(?i)(?!(content-length|transfer-encoding|connection)\Z)", error="is the wire's business")
"""How long an answer is, and where it ends, no rule decides."""


def _known_reason(reason: str) -> None:
    if reason not in REASONS:
        raise ValidationError(str(UnknownReasonError(reason)))


class AnswerSchema(StrictSchema):
    """An answer given verbatim. A body that is no text is sent as JSON."""

    status = WholeNumber(required=True, validate=validate.Range(200, 599))
    headers = HeaderFields(NO_FRAMING)
    body = JsonValue(allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Reply:
        del kwargs
        headers, body = dict(data.get("headers", {})), data.get("body")
        if not isinstance(body, (str, type(None))) and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        text = b"" if body is None else body.encode() if isinstance(body, str) else jsontext.write(body)
        return Reply(data["status"], tuple(headers.items()), text)


class MintSchema(StrictSchema):
    """What changes about the tokens that a call mints."""

    lifetime = Duration(validate=validate.Range(NOTHING, YEARS), metadata={"description": "seconds"})
    backdate = Duration(validate=validate.Range(-YEARS, YEARS), metadata={"description": "born so many seconds old"})
    signature = fields.String(validate=validate.OneOf(("broken",)))
    claims = fields.Dict(
        keys=fields.String(),
        values=JsonValue(allow_none=True),
        metadata={"description": "in place of the vendor's, or beside them"},
    )

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> MintChange:
        del kwargs
        broken = data.pop("signature", "") == "broken"
        return MintChange(broken_signature=broken, **data)


class HoldSchema(StrictSchema):
    """Answers wait until so many callers wait."""

    callers = WholeNumber(required=True, validate=validate.Range(1, 10_000))
    timeout = Duration(validate=validate.Range(NOTHING, LONGEST), metadata={"description": "seconds; 2 if not given"})

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Hold:
        del kwargs
        return Hold(**data)


class WhenSchema(StrictSchema):
    """Which calls: those that agree in everything that is given. `*` stands for any text."""

    vendor = fields.String()
    operation = fields.String(metadata={"example": "ingrid.mint_site_token"})
    credential = fields.String(metadata={"description": "an account, key or token id that the call carries"})
    token = fields.String(metadata={"description": "the kind of token that the call carries"})
    path = fields.String(metadata={"example": "/v1/sites/*"})
    header = HeaderFields()
    transport = fields.String(validate=validate.OneOf(("http", "grpc")))
    nth = WholeNumber(validate=validate.Range(1), metadata={"description": "that match only, counted from 1"})


class ThenSchema(StrictSchema):
    """What happens to them."""

    refuse = fields.String(
        validate=_known_reason, metadata={"description": "a reason code", "example": "token.expired"}
    )
    answer = fields.Nested(AnswerSchema)
    delay = Duration(validate=validate.Range(NOTHING, LONGEST), metadata={"description": "seconds"})
    drop = fields.String(validate=validate.OneOf(tuple(DROPS)))
    truncate = TrueOrFalse()
    garble = TrueOrFalse()
    mint = fields.Nested(MintSchema)
    hold = fields.Nested(HoldSchema)

    @validates_schema
    def _says_something(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        del kwargs
        if not any(value and value != MintChange() for value in data.values()):
            raise ValidationError(f"says nothing; known are {', '.join(sorted(self.fields))}")
        if "refuse" in data and "answer" in data:
            raise ValidationError("stands beside refuse; only one can answer", "answer")
        if "answer" in data and data.get("garble"):
            raise ValidationError("stands beside answer, which is given verbatim", "garble")
        if data.get("truncate") and "drop" in data:
            raise ValidationError("stands beside drop; a wire breaks in one way", "truncate")

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Then:
        del kwargs
        fault = DROPS.get(data.pop("drop", ""))
        if data.pop("truncate", False):
            fault = Fault.TRUNCATE
        return Then(fault=fault, **data)


class RuleSchema(StrictSchema):
    """When a call matches, then do this."""

    when = fields.Nested(WhenSchema)
    then = fields.Nested(ThenSchema, required=True)
    times = WholeNumber(
        validate=validate.Range(1), metadata={"description": "at most so often; without end if not given"}
    )
    after = WholeNumber(validate=validate.Range(0), metadata={"description": "so many matches pass first"})
    probability = fields.Float(validate=validate.Range(0, 1))
    per_credential = TrueOrFalse(metadata={"description": "counts for every credential by itself, at each operation"})

    @pre_load
    def _numbers_only(self, data: Any, **kwargs: Any) -> Any:
        del kwargs
        chance = data.get("probability", 1) if isinstance(data, dict) else 1
        if isinstance(chance, bool) or not isinstance(chance, (int, float)):
            raise ValidationError("Not a number from 0 to 1.", "probability")
        return data

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Rule:
        del kwargs
        when = dict(data.pop("when", {}))
        nth = when.pop("nth", None)
        return Rule(when=When(**when), nth=nth, **data)


def schema(vendors: Sequence[Vendor]) -> Schema:
    """The schema of a rule about these vendors: a name that none of them has is an error."""
    operations = [operation.name for vendor in vendors for operation in vendor.every_operation]
    return _schema(tuple(vendor.name for vendor in vendors), tuple(operations))


@lru_cache(maxsize=8)
def _schema(names: tuple[str, ...], operations: tuple[str, ...]) -> Schema:
    class Known(WhenSchema):
        @validates_schema
        def _names_exist(self, data: Mapping[str, Any], **kwargs: Any) -> None:
            del kwargs
            for member, known in (("vendor", names), ("operation", operations)):
                if member in data and not any(fits(data[member], name) for name in known):
                    raise ValidationError(unknown_name(data[member], list(known)), member)

    class KnownRule(RuleSchema):
        when = fields.Nested(Known)

    return KnownRule()


def written(rule: Rule) -> dict[str, Any]:
    """A rule as it could have been written."""
    when = {name: getattr(rule.when, name) for name in _WHEN if getattr(rule.when, name) is not None}
    if not when["header"]:
        del when["header"]
    if rule.nth is not None:
        when["nth"] = rule.nth
    counts = {"times": rule.times, "after": rule.after or None, "per_credential": rule.per_credential or None}
    chance = {} if rule.probability == 1 else {"probability": rule.probability}
    given = {name: value for name, value in counts.items() if value is not None}
    return {"when": when, "then": _written_then(rule.then), **given, **chance}


def _written_then(then: Then) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if then.refuse:
        members["refuse"] = then.refuse
    if then.answer:
        members["answer"] = _written_answer(then.answer)
    if then.delay:
        members["delay"] = then.delay.total_seconds()
    if then.fault is Fault.TRUNCATE:
        members["truncate"] = True
    elif then.fault:
        members["drop"] = next(name for name, fault in DROPS.items() if fault is then.fault)
    if then.garble:
        members["garble"] = True
    if then.mint:
        members["mint"] = _written_mint(then.mint)
    if then.hold:
        members["hold"] = {"callers": then.hold.callers, "timeout": then.hold.timeout.total_seconds()}
    return members


def _written_answer(answer: Reply) -> dict[str, Any]:
    body = answer.body.decode("utf-8", "replace")
    return {"status": answer.status, "headers": dict(answer.headers), "body": body}


def _written_mint(mint: MintChange) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if mint.lifetime is not None:
        members["lifetime"] = mint.lifetime.total_seconds()
    if mint.backdate:
        members["backdate"] = mint.backdate.total_seconds()
    if mint.broken_signature:
        members["signature"] = "broken"
    if mint.claims:
        members["claims"] = dict(mint.claims)
    return members


_WHEN = tuple(name for name in WhenSchema().fields if name != "nth")
