"""What is in a sandbox: options, records, keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from mockserver.core import redaction
from mockserver.schema import collections, schema_for, unknown_name
from mockserver.web.admin import schemas
from mockserver.web.admin.desk import AdminProblem, Desk, Endpoint, field_problem
from mockserver.web.admin.times import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mockserver.core.keyring import HeldKey
    from mockserver.core.sandbox import Sandbox
    from mockserver.core.vendor import Vendor
    from mockserver.schema import Collection
    from mockserver.web.admin.desk import Members

OVERLAP = timedelta(hours=1)


def all_options(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The options of every vendor."""
    del fields
    return {vendor.name: _options(vendor, desk.sandbox) for vendor in desk.house.vendors}


def get_options(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The options of one vendor."""
    del fields
    return _options(_vendor(desk), desk.sandbox)


def change_options(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Choose some of them; the others stay."""
    vendor, sandbox = _vendor(desk), desk.own_sandbox
    chosen = schema_for(vendor.options)().load(fields)
    sandbox.change(vendor.options, lambda options: replace(options, **chosen))
    return _options(vendor, sandbox)


def reset_options(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Choose what the scenario has."""
    del fields
    vendor, sandbox = _vendor(desk), desk.own_sandbox
    sandbox.put(sandbox.scenario.options.get(vendor.options) or vendor.options())
    return _options(vendor, sandbox)


def all_records(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The records of every vendor, by collection."""
    del fields
    return {
        vendor.name: {name: _listed(desk, vendor, kind) for name, kind in _collections(vendor).items()}
        for vendor in desk.house.vendors
    }


def get_collection(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The records of one collection."""
    del fields
    vendor = _vendor(desk)
    return {"items": _listed(desk, vendor, _collection(desk, vendor)), "next": None}


def put_record(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Add a record, or put it in place of the one with its id."""
    name = desk.parameters["record_id"]
    if fields.get("id", name) != name:
        raise field_problem("id", f"is '{name}' by the address")
    return _put(desk, lambda _: fields)


def change_record(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Change some members of a record; the others stay."""
    return _put(desk, lambda written: {**_required(desk, written), **fields})


def delete_record(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Take a record away."""
    del fields
    vendor = _vendor(desk)
    kind, name = _collection(desk, vendor), desk.parameters["record_id"]
    removed: list[Any] = []

    def without(records: Any) -> Any:
        kept = dict(getattr(records, _attribute(kind)))
        removed.append(kept.pop(name, None))
        return replace(records, **{_attribute(kind): kept})

    _change(desk, vendor, without)
    desk.own_sandbox.disclaim(name)
    return _shown(desk, _required(desk, removed[0] and kind.item().dump(removed[0])))


def all_keys(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """The keys with which vendors sign here."""
    del fields
    return {"items": [key for vendor in desk.house.vendors for key in _keys(vendor, desk.sandbox)], "next": None}


def rotate_keys(desk: Desk, fields: Mapping[str, Any]) -> Members:
    """Sign with new keys from now on; those before verify for the overlap."""
    vendor, sandbox = _vendor(desk), desk.own_sandbox
    if not vendor.keyrings:
        raise AdminProblem(409, f"{vendor.name} signs with no key here.")
    for name, draw in vendor.keyrings.items():
        sandbox.rotate(name, draw, fields.get("overlap", OVERLAP))
    return {"items": list(_keys(vendor, sandbox)), "next": None}


def _vendor(desk: Desk) -> Vendor:
    return desk.house.vendor(desk.parameters["vendor"])


def _options(vendor: Vendor, sandbox: Sandbox) -> Members:
    written: Members = schema_for(vendor.options)().dump(sandbox.get(vendor.options))
    return written


def _collections(vendor: Vendor) -> Mapping[str, Collection]:
    schema: object = vendor.records
    return collections(schema) if isinstance(schema, Schema) else {}


def _collection(desk: Desk, vendor: Vendor) -> Collection:
    known, name = _collections(vendor), desk.parameters["collection"]
    if name not in known:
        raise AdminProblem(404, f"'{name}': {unknown_name(name, list(known))}")
    return known[name]


def _attribute(kind: Collection) -> str:
    return kind.attribute or str(kind.name)


def _listed(desk: Desk, vendor: Vendor, kind: Collection) -> list[Members]:
    if vendor.records is None:
        return []
    records = desk.sandbox.get(vendor.records.kind)
    return [_shown(desk, kind.item().dump(record)) for record in getattr(records, _attribute(kind)).values()]


def _shown(desk: Desk, written: Members) -> Members:
    return redaction.members({name: value for name, value in written.items() if value is not None}, desk.house.secrets)


def _put(desk: Desk, fields_of: Any) -> Members:
    vendor = _vendor(desk)
    kind, name = _collection(desk, vendor), desk.parameters["record_id"]
    schema = kind.item()
    made: list[Any] = []

    def changed(records: Any) -> Any:
        known = getattr(records, _attribute(kind))
        written = schema.dump(known[name]) if name in known else None
        made.append(schema.load({**fields_of(written), "id": name}))
        return replace(records, **{_attribute(kind): {**known, name: made[0]}})

    _change(desk, vendor, changed)
    if name not in _of_default(desk, vendor, kind):
        desk.own_sandbox.claim(name)
    return _shown(desk, schema.dump(made[0]))


def _of_default(desk: Desk, vendor: Vendor, kind: Collection) -> Mapping[str, Any]:
    """What the default sandbox has of this collection: calls that carry its names go there."""
    records = desk.house.sandboxes.default.get(vendor.records.kind) if vendor.records else None
    found: Mapping[str, Any] = getattr(records, _attribute(kind))
    return found


def _change(desk: Desk, vendor: Vendor, change: Any) -> None:
    if vendor.records is None:
        raise AdminProblem(404, f"{vendor.name} has no records.")
    desk.own_sandbox.change(vendor.records.kind, change)


def _required(desk: Desk, written: Members | None) -> Members:
    if not written:
        name = f"{desk.parameters['collection']}/{desk.parameters['record_id']}"
        raise AdminProblem(404, f"There is no {name} in sandbox '{desk.sandbox_name}'.")
    return {name: value for name, value in written.items() if value is not None}


def _keys(vendor: Vendor, sandbox: Sandbox) -> Iterator[Members]:
    now = sandbox.clock.now()
    for ring, draw in vendor.keyrings.items():
        for held in sandbox.keyring(ring, draw).held:
            yield {"vendor": vendor.name, "ring": ring, **_key(held, now)}


def _key(held: HeldKey, now: datetime) -> Members:
    state = "signing" if held.until is None else "verifying" if held.verifies_at(now) else "over"
    return {
        "kid": held.key.kid,
        "algorithm": held.key.verifying.algorithm,
        "state": state,
        "since": stamp(held.since),
        "until": stamp(held.until) if held.until else None,
    }


_RECORD = "/records/<vendor>/<collection>/<path:record_id>"

ENDPOINTS = (
    Endpoint("get_options", "GET", "/options", "The options of every vendor", all_options, schemas.OptionsAnswer),
    Endpoint(
        "get_vendor_options",
        "GET",
        "/options/<vendor>",
        "The options of a vendor",
        get_options,
        schemas.OptionsAnswer,
    ),
    Endpoint(
        "change_options",
        "PATCH",
        "/options/<vendor>",
        "Choose some options; the others stay",
        change_options,
        schemas.OptionsAnswer,
        body=schemas.Freeform,
    ),
    Endpoint(
        "reset_options",
        "DELETE",
        "/options/<vendor>",
        "Choose what the scenario has",
        reset_options,
        schemas.OptionsAnswer,
    ),
    Endpoint("get_records", "GET", "/records", "The records of every vendor", all_records, schemas.RecordsAnswer),
    Endpoint(
        "get_collection",
        "GET",
        "/records/<vendor>/<collection>",
        "The records of a collection",
        get_collection,
        schemas.RecordList,
    ),
    Endpoint(
        "put_record",
        "PUT",
        _RECORD,
        "Add a record, or put it in place of the one with its id",
        put_record,
        schemas.RecordsAnswer,
        body=schemas.Freeform,
    ),
    Endpoint(
        "change_record",
        "PATCH",
        _RECORD,
        "Change some members of a record",
        change_record,
        schemas.RecordsAnswer,
        body=schemas.Freeform,
    ),
    Endpoint("delete_record", "DELETE", _RECORD, "Take a record away", delete_record, schemas.RecordsAnswer),
    Endpoint("list_keys", "GET", "/keys", "The keys that vendors sign with", all_keys, schemas.KeyList),
    Endpoint(
        "rotate_keys",
        "POST",
        "/keys/<vendor>/rotate",
        "Sign with new keys; those before verify for the overlap",
        rotate_keys,
        schemas.KeyList,
        body=schemas.RotateRequest,
        problems=(409,),
    ),
)
