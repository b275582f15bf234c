"""Interchangeable parts by name; the module of a part is imported when its name is first asked for."""

import difflib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from core.errors import MissingPackage, UnknownName

OWN_PACKAGES = frozenset({"app", "core", "devices", "models"})
Row = TypeVar("Row")


def imported(kind: str, name: str, place: str) -> Any:
    """The object at ``"module:attribute"``.

    Args:
        kind: What the object is, for messages.
        name: What it is called, for messages.
        place: Where it is.

    Raises:
        MissingPackage: with the command that installs what is missing.
    """
    module, _, part = place.partition(":")
    try:
        return getattr(importlib.import_module(module), part)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in OWN_PACKAGES:
            raise  # our own typo, not a missing package
        raise MissingPackage(
            f"The {kind} {name!r} needs the package {error.name!r}, which is not installed. "
            "Run `make env` to install everything that the application uses."
        ) from error


class Registry(Generic[Row]):
    """A table of names to rows; each row says as ``"module:attribute"`` where its part is."""

    def __init__(self, kind: str, rows: Mapping[str, Row], place: Callable[[Row], str] = str) -> None:
        """Import nothing.

        Args:
            kind: What the parts are, for messages.
            rows: By name.
            place: From a row to ``"module:attribute"``.
        """
        self.kind = kind
        self.rows = dict(rows)
        self._place = place

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def row(self, name: str) -> Row:
        """The row called ``name``.

        Raises:
            UnknownName: with the nearest known name.
        """
        if name not in self.rows:
            near = difflib.get_close_matches(name, self.rows, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(self.rows)}."
            raise UnknownName(f"No {self.kind} is called {name!r}. {hint}")
        return self.rows[name]

    def load(self, name: str) -> Any:
        """Import the part called ``name``; its signature is the contract of the registry's kind.

        Raises:
            UnknownName: with the nearest known name.
            MissingPackage: with the command that installs what is missing.
        """
        return imported(self.kind, name, self._place(self.row(name)))
