"""Where the public test vectors are: beside the checkout, or where `MOCKSERVER_VECTORS` says."""

from __future__ import annotations

import base64
import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("MOCKSERVER_VECTORS") or Path(__file__).parents[2].parent / "shared" / "vectors")
PRESENT = FOLDER.is_dir()

needed = pytest.mark.skipif(
    not PRESENT, reason="public test vectors are not beside this checkout; set MOCKSERVER_VECTORS"
)


def read(name: str, absent: Any) -> Any:
    """The vectors in this file, or *absent* where there are none: the tests are then skipped."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8")) if PRESENT else absent


def unpacked(packed: dict[str, str]) -> bytes:
    """A file as it was before it was packed into JSON."""
    [(how, text)] = packed.items()
    data = base64.b64decode(text)
    return zlib.decompress(data) if how == "z" else data
