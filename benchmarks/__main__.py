"""`python -m benchmarks [GROUP ...] [--node-modules DIR]`: measure, and print one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .figures import table
from .peers import HOW, installed
from .rows import GROUPS

if TYPE_CHECKING:
    from .figures import Figure
    from .peers import Peers


def main() -> None:
    """Run the groups that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print one table.")
    parser.add_argument("groups", nargs="*", type=_group, metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--node-modules", type=Path, metavar="DIR", help="where the npm peers are installed")
    arguments = parser.parse_args()
    with installed(arguments.node_modules) as others:
        if others is None:
            print(HOW, file=sys.stderr)
        figures = [figure for name in arguments.groups or GROUPS for figure in _measured(name, others)]
    print(*table(figures), sep="\n")


def _group(name: str) -> str:
    if name not in GROUPS:
        raise argparse.ArgumentTypeError(f"no group is called '{name}'; there are {', '.join(GROUPS)}")
    return name


def _measured(group: str, others: Peers | None) -> list[Figure]:
    print(f"measuring {group} ...", file=sys.stderr)
    return list(GROUPS[group](others))


if __name__ == "__main__":
    main()
