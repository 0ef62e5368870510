"""Token services beside the vendors: revocation, introspection, metadata, keys (RFC 7009, 7662, 8414, 7517).

No vendor here publishes them but by its own calls; they are ours, outside the vendors' paths. With a vendor in the
address they are that vendor's, else everybody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.vendor import Vendor
from mockserver.oauth.errors import refuse
from mockserver.oauth.operations import operations

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "oauth2"
SERVICE_NAMES = tuple(operation.name for operation in operations(()))
"""The names of their operations."""


def services(vendors: Sequence[Vendor]) -> Vendor:
    """The token services around these vendors."""
    return Vendor(
        name=NAME,
        title="Token services",
        summary="Revocation, introspection, metadata and keys.",
        operations=operations(vendors),
        refuse=refuse,
        secrets=frozenset({"token", "client_assertion", "client_secret"}),
    )
