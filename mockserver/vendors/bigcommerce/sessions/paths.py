"""Where the store's own pages are, as a redirect names them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mockserver.vendors.bigcommerce.places import Place


def below(place: Place, path: str) -> str:
    """A path of the store: below the sandbox, vendor and alias in the URL that it was called by, if there are any."""
    return urlsplit(place.url).path + path
