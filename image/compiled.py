"""Compile an environment, and the standard library of the Python that runs this, for an image whose root is read-only.

    python image/compiled.py ENVIRONMENT FOLDER

ENVIRONMENT gets its `.pyc` files beside its modules; those of the standard library go to FOLDER, under their full
paths, to be laid over the image.
"""

from __future__ import annotations

import compileall
import py_compile
import sys
import sysconfig
from pathlib import Path

ALWAYS = py_compile.PycInvalidationMode.UNCHECKED_HASH
"""Copying may change the time of a file, and nobody changes a module in an image."""
NOT_NEEDED = {
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "dist-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
}


def main(environment: Path, folder: Path) -> None:
    """Compile both; a module that cannot be compiled (some are templates) stays as it is."""
    compileall.compile_dir(environment, quiet=2, maxlevels=99, workers=0, invalidation_mode=ALWAYS)
    library = Path(sysconfig.get_path("stdlib"))
    for module in sorted(library.rglob("*.py")):
        if NOT_NEEDED.isdisjoint(module.relative_to(library).parts):
            _compile(module, folder / module.relative_to("/"))


def _compile(module: Path, below: Path) -> None:
    target = below.parent / "__pycache__" / f"{module.stem}.{sys.implementation.cache_tag}.pyc"
    target.parent.mkdir(parents=True, exist_ok=True)
    py_compile.compile(str(module), cfile=str(target), doraise=False, quiet=2, invalidation_mode=ALWAYS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
