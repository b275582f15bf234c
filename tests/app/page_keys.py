"""The keys of a page without the window that usually has them."""

from collections.abc import Callable, Mapping
from typing import Protocol

from PyQt6.QtWidgets import QWidget

from app.commands.actions import Actions
from app.commands.command import Place
from app.studio.table import COMMANDS


class Acting(Protocol):
    """A page that carries out commands."""

    def acts(self) -> Mapping[str, Callable[[], None]]:
        """What it does, by the names of commands."""


def with_keys(page: Acting, name: str) -> Actions:
    """Let the keys of the page called `name` act on a page that is a window by itself."""
    assert isinstance(page, QWidget)
    actions = Actions(COMMANDS, lambda command: page.acts()[command.name](), page)
    actions.show_place(Place(name))
    return actions
