"""What is in a sandbox, from afar: options, keys, records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

    from mockserver.client.wire import Members, Wire


class Options:
    """The switches of a sandbox's vendors."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, vendor: str) -> Members:
        """Every option of a vendor, and its value."""
        found: Members = self._wire.get("options", vendor)
        return found

    def set(self, vendor: str, **values: Any) -> Members:
        """Choose some; the others stay."""
        found: Members = self._wire.patch("options", vendor, body=values)
        return found

    def reset(self, vendor: str) -> Members:
        """Choose what the scenario has."""
        found: Members = self._wire.delete("options", vendor)
        return found


class Keys:
    """The keys that a sandbox's vendors sign with."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> tuple[Members, ...]:
        """Those in use, and those before them: `vendor`, `kid`, `state`, `since`, `until`."""
        return tuple(self._wire.get("keys")["items"])

    def rotate(self, vendor: str, overlap: timedelta | None = None) -> tuple[Members, ...]:
        """Sign with new keys from now on; those before verify for the *overlap*, an hour if not given."""
        body = {} if overlap is None else {"overlap": overlap}
        return tuple(self._wire.post("keys", vendor, "rotate", body=body)["items"])


class Records:
    """Accounts, sites and whatever else a sandbox's vendors know, as a scenario would have them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, vendor: str, collection: str) -> tuple[Members, ...]:
        """The records of a collection: `list("ingrid", "sites")`."""
        return tuple(self._wire.get("records", vendor, collection)["items"])

    def put(self, vendor: str, collection: str, record_id: str, /, **members: Any) -> Members:
        """Add a record, or put it in place of the one with its id."""
        found: Members = self._wire.put("records", vendor, collection, record_id, body=members)
        return found

    def change(self, vendor: str, collection: str, record_id: str, /, **members: Any) -> Members:
        """Change some members of a record; the others stay."""
        found: Members = self._wire.patch("records", vendor, collection, record_id, body=members)
        return found

    def delete(self, vendor: str, collection: str, record_id: str, /) -> Members:
        """Take a record away; what it was."""
        found: Members = self._wire.delete("records", vendor, collection, record_id)
        return found
