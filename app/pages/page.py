"""What a page beside driving must do, and what it may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.opening.config import Config
from app.opening.live_session import LiveSession
from core.events import Message, Status

if TYPE_CHECKING:
    from core.store.archive import StoreArchive

Acts = Mapping[str, Callable[[], None]]
"""Name of a command -> what it does on a page."""


class Page(Protocol):
    """One page; made when it is first shown, so that the first window does not wait for what it imports."""

    @property
    def widget(self) -> QWidget:
        """What is shown."""

    def acts(self) -> Acts:
        """What the commands of this page do."""

    def show_keys(self, key: KeyOf) -> None:
        """Write these keys of the page on its buttons and into its tool tips."""

    def show(self) -> None:
        """The page is about to be shown: read what may have changed meanwhile."""

    def leave(self, target: str) -> None:
        """Another page, named by `target`, is about to be shown: nothing goes on by itself here."""

    def take_session(self) -> None:
        """Another session is open for driving."""

    def release(self, archive: "StoreArchive") -> None:
        """A session is about to close: read nothing of it any more."""

    def take_tree(self) -> None:
        """Branches of the session that is open have other labels."""

    def take_status(self, status: Status) -> None:
        """The head of the session that is open has moved."""

    def stop(self) -> None:
        """End every thread; what was labelled is on disk afterwards. Idempotent."""


class QuietPage:
    """The parts of a page that follows nothing; pages override what concerns them."""

    def show_keys(self, key: KeyOf) -> None:
        """See Page.show_keys."""

    def leave(self, target: str) -> None:
        """See Page.leave."""

    def take_session(self) -> None:
        """See Page.take_session."""

    def release(self, archive: "StoreArchive") -> None:
        """See Page.release."""

    def take_tree(self) -> None:
        """See Page.take_tree."""

    def take_status(self, status: Status) -> None:
        """See Page.take_status."""


@dataclass(frozen=True, slots=True)
class PageHost:
    """What the pages use of their window."""

    session: LiveSession
    """What is driven; empty in a window that drives nothing."""
    say: Callable[[Message], None]
    """Shows words to the user."""
    turn: Callable[[str], None]
    """Shows a page by its name."""
    page: Callable[[str], Page]
    """Another page by its name, made where it is not yet."""
    made: Callable[[str], Page | None]
    """Another page by its name; None where it is not made yet."""
    sessions: Callable[[], Path | None]
    """The folder of sessions."""
    drive: Callable[[Path], None] | None = None
    """Continues a session; None in a window that drives nothing."""
    reviewer: str | None = None
    """Whose verdicts are given; None for the login name."""
    opening: Callable[[], bool] = lambda: False
    """Whether a session is being opened."""
    config: Callable[[], Config | None] = lambda: None
    """What the session was opened with; None in a window that drives nothing."""
    open: Callable[[Config], None] | None = None
    """Opens something else in place of the session that is open; None in a window that drives nothing."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of the table."""

    name: str
    """Stable identifier; commands name the pages on which they are possible by it."""
    title: str
    """In menus and palette."""
    keys: tuple[str, ...]
    """Portable key sequences that show it."""
    factory: "str | Callable[[PageHost], Page]"
    """What makes it of a PageHost: a callable, or "module:Class", which is imported when it is first shown."""
