"""What an integrator configures for one vendor, by attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.client.names import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


class Variables:
    """Environment variables by the end of their names, in lower case: `auth_url` is `MERCHANTS_AUTH_URL`.

    Raises `AttributeError` where no variable ends so, or more than one does and none is called so.
    """

    def __init__(self, vendor: str, variables: Mapping[str, str]) -> None:
        self._vendor = vendor
        self._variables = variables

    def __getattr__(self, name: str) -> str:
        # A private name is asked for by copying and inspecting code before there is anything to look in.
        if name.startswith("_"):
            raise AttributeError(name)
        wanted = name.upper()
        found = [each for each in self._variables if each == wanted or each.endswith(f"_{wanted}")]
        if wanted in found:
            found = [wanted]
        if not found:
            raise AttributeError(f"{self._vendor}: {unknown(name, _ends(self._variables))}")
        if len(found) > 1:
            raise AttributeError(f"{self._vendor}: '{name}' may be {' or '.join(each.lower() for each in found)}")
        return self._variables[found[0]]

    def __repr__(self) -> str:
        return f"<Variables of {self._vendor}: {', '.join(self._variables)}>"


def _ends(variables: Mapping[str, str]) -> set[str]:
    """Every name by which one of them can be meant."""
    words = [name.lower().split("_") for name in variables]
    return {"_".join(each[start:]) for each in words for start in range(len(each))}
