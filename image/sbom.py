"""What of the pinned requirements is in an environment, as a CycloneDX document with the hashes that they allow.

ENVIRONMENT/bin/python image/sbom.py requirements.lock > sbom.cdx.json
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==\S+(.*?)(?=^\S|\Z)", re.DOTALL | re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document(lock: str) -> dict[str, Any]:
    """The document for the environment that runs this; *lock* is the text of its requirements."""
    hashes = {_name(name): HASH.findall(rest) for name, rest in PINNED.findall(lock)}
    found = sorted(distributions(), key=lambda each: _name(each.name))
    own = next(each for each in found if each.name == "mockserver")
    used = [each for each in found if _name(each.name) in hashes]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(own, [])},
        "components": [_component(each, hashes[_name(each.name)]) for each in used],
    }


def _component(found: Distribution, hashes: list[str]) -> dict[str, Any]:
    name = _name(found.name)
    licence = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{found.version}",
        "name": name,
        "version": found.version,
        "purl": f"pkg:pypi/{name}@{found.version}",
        **({"licenses": [{"license": {"name": licence.splitlines()[0][:100]}}]} if licence else {}),
        # One of these is the file that was installed: pip takes no other.
        "properties": [{"name": "mockserver:allowed-sha256", "value": digest} for digest in hashes],
    }


def _name(text: str) -> str:
    """A project's name as the index has it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(Path(sys.argv[1]).read_text(encoding="utf-8")), indent=2) + "\n")
