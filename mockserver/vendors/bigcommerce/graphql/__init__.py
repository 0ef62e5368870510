"""What stands behind `/graphql`: a query read, parsed, validated, weighed, executed and answered.

Where to look: `service` for the path of a query, `documents` for what is worked out of its text, `scores` and
`depth` for the limits, `schema.graphql` for what can be asked, `catalog`, `carts`, `customers` and `companies` for
the answers, `errors` for the body of every refusal. Nothing here loads the library before the first query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.core.operations import Answer
    from mockserver.vendors.bigcommerce.places import Visit

REFUSALS = (
    "request.malformed",
    "query.invalid",
    "query.too_deep",
    "query.too_complex",
    "scope.insufficient",
    "session.invalid",
    "session.missing",
    "channel.not_live",
    "login.bad_credentials",
    "login.reset_required",
    "login.wrong_context",
    "login.bad_jwt",
)
"""What a query can be refused for, once its token is found good."""


def answer(visit: Visit) -> Answer:
    """The answer to a query, or a refusal; where only a part of it is refused, the refusal carries the rest."""
    from mockserver.vendors.bigcommerce.graphql.service import serve  # noqa: PLC0415  (it loads graphql-core)

    return serve(visit)
