"""Interchangeable parts by name; the module of a part is imported when its name is first asked for."""

import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import MissingPackage, UnknownName

OWN_PACKAGES = frozenset({"app", "core", "devices", "models"})


class Registry:
    """A table of names to ``"module:attribute"``."""

    def __init__(self, kind: str, table: Mapping[str, str]) -> None:
        self.kind = kind
        self._table = dict(table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def load(self, name: str) -> Any:
        """Return the part called ``name``; its signature is the contract of the registry's kind.

        Raises:
            UnknownName: with the nearest known name.
            MissingPackage: with the command that installs what is missing.
        """
        if name not in self._table:
            near = difflib.get_close_matches(name, self._table, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(self._table)}."
            raise UnknownName(f"No {self.kind} is called {name!r}. {hint}")
        module, _, part = self._table[name].partition(":")
        try:
            return getattr(importlib.import_module(module), part)
        except ModuleNotFoundError as error:
            if str(error.name).partition(".")[0] in OWN_PACKAGES:
                raise  # our own typo, not a missing package
            raise MissingPackage(
                f"The {self.kind} {name!r} needs the package {error.name!r}, which is not installed. "
                "Run `make env` to install everything that the application uses."
            ) from error
