"""The descriptor sets that are checked in, made of the proto files beside them.

`python -m tests.support.protos` writes them anew; a test holds them against the proto files.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from grpc_tools import protoc

from mockserver.vendors import discover

TWIN = re.compile(r"^// Package ([a-z0-9.]+) has the same, in files that begin with ([a-z]+)_\.$", re.MULTILINE)
"""What the first lines of a file say, whose messages two packages have."""
SETS = {
    Path(__file__).parents[2] / "mockserver" / "vendors" / vendor.name / "descriptors.binpb"
    for vendor in discover()
    if vendor.rpc
}


def compiled(folder: Path) -> bytes:
    """The descriptors of all proto files below *folder*.

    Each is compiled by itself, since two of them may describe one message as two releases have it; sets add up by
    standing behind each other, as all protobuf messages do.
    """
    with TemporaryDirectory() as scratch:
        sources = Path(scratch)
        for path in folder.glob("*/*.proto"):
            _lay_out(path, sources / path.parent.name)
        return b"".join(_compiled(sources, path) for path in sorted(sources.glob("*/*.proto")))


def _lay_out(path: Path, folder: Path) -> None:
    """Copy a file, and make its twin, if it says that another package has the same messages."""
    folder.mkdir(exist_ok=True)
    text = path.read_text(encoding="utf-8")
    (folder / path.name).write_text(text, encoding="utf-8")
    twin = TWIN.search(text)
    if twin:
        package, prefix = twin.groups()
        text = text.replace("package types;", f"package {package};").replace('"mock/types_', f'"mock/{prefix}_')
        (folder / path.name.replace("types_", f"{prefix}_")).write_text(text, encoding="utf-8")


def _compiled(folder: Path, path: Path) -> bytes:
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "set"
        known = files("grpc_tools") / "_proto"
        code = protoc.main(
            ["protoc", f"-I{folder}", f"-I{known}", f"--descriptor_set_out={made}", str(path.relative_to(folder))]
        )
        if code != 0:
            raise SystemExit(f"{path}: protoc ended with {code}")
        return made.read_bytes()


def write() -> None:
    """Write all sets anew."""
    for path in SETS:
        path.write_bytes(compiled(path.parent))


if __name__ == "__main__":
    write()
