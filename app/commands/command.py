"""One user action as a row: what it is called, where it is possible, which keys carry it out, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from core.verbs import Phase

UiPhase = Phase | Literal["LOADING"]
"""The session's phase; LOADING while there is no session yet."""
DRIVE: Final = "drive"
"""Name of the page on which a session is driven; only there does the phase matter."""
NO_PAGE: Final[frozenset[str]] = frozenset()
EVERY_PAGE: Final = frozenset({"*"})
"""Every page but that of driving, those that are added later included."""
ALL: Final[frozenset[UiPhase]] = frozenset({"LOADING", "AUTONOMOUS", "PAUSED", "CORRECTING"})
LIVE: Final[frozenset[UiPhase]] = ALL - {"LOADING"}
MOVING: Final[frozenset[UiPhase]] = frozenset({"AUTONOMOUS", "CORRECTING"})
PHASE_WORDS: Final = {"AUTONOMOUS": "the policy drives", "PAUSED": "the world is paused", "CORRECTING": "you drive"}

S = TypeVar("S", contravariant=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the user is."""

    page: str = DRIVE
    phase: UiPhase = "LOADING"


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """One user action; S is what it acts on."""

    name: str
    """Stable identifier, for profiles, tests and the demo."""
    text: str
    """In menus, on the help card, in the palette."""
    menu: str
    """Title of its menu; "" for keys that are no entry of a menu."""
    phases: frozenset[UiPhase]
    """Phases in which it is possible on the page of driving; none for a command of other pages."""
    act: Callable[[S], object] | None = None
    """What it does; None where the page that is shown does it, see app.pages.Page.acts."""
    keys: tuple[str, ...] = ()
    """Portable key sequences; the first one is shown. A profile may give others."""
    hint: str = ""
    """A word or two for the hint line; "" keeps it off the line."""
    icon: str = ""
    """Name in app/widgets/icons.py; "" for none."""
    pages: frozenset[str] = NO_PAGE
    """Other pages on which it is possible."""
    short: str = ""
    """For narrow places such as the card in the headset; "" for the text."""
    buttons: tuple[str, ...] = ()
    """Usual buttons of devices, as "openxr/left_menu". Commands of core.commands.DEVICE_COMMANDS have theirs from the
    kinds of devices instead, and a profile can change those."""
    colour: str = ""
    """Of the icon; "" for that of text."""
    repeats: bool = False
    """Whether it goes on while its key is held."""
    checkable: bool = False
    """Whether its entry shows a tick."""
    ends_group: bool = False
    """Whether its menu draws a line after it."""
    under_cards: bool = False
    """Whether it is possible while a card covers the window."""
    needs_session: bool = False
    """Whether it does nothing in a window that cannot drive, such as that of `main.py review`."""

    @property
    def words(self) -> str:
        """The short words where there are some, else the text."""
        return self.short or self.text.rstrip("…")


def on_page(command: Command[S], page: str) -> bool:
    """Whether a command belongs to a page, whatever the phase."""
    return bool(command.phases) if page == DRIVE else page in command.pages or command.pages == EVERY_PAGE


def possible(command: Command[S], place: Place) -> bool:
    """Whether a command can be carried out where the user is."""
    return place.phase in command.phases if place.page == DRIVE else on_page(command, place.page)


def together(one: Command[S], other: Command[S], page: str) -> bool:
    """Whether two commands are possible at the same time on a page, so that they cannot share a key there."""
    if page == DRIVE:
        return bool(one.phases & other.phases)
    return on_page(one, page) and on_page(other, page)


def reason(command: Command[S], place: Place) -> str:
    """Why a command is not possible where the user is; "" where it is."""
    if possible(command, place):
        return ""
    if place.page != DRIVE or not command.phases:
        pages = sorted(command.pages - EVERY_PAGE) + ([DRIVE] if command.phases else [])
        return "only on the page " + " or ".join(name.capitalize() for name in pages)
    if place.phase == "LOADING":
        return "nothing is open yet"
    return "only while " + " or ".join(words for name, words in PHASE_WORDS.items() if name in command.phases)
