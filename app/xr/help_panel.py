"""The help card: the buttons of the controllers that are held, per hand, and what they do now."""

from dataclasses import dataclass, replace
from typing import Final

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage

from app.widgets import theme
from app.xr.canvas import CENTRE, Sheet, advance
from app.xr.controllers import Controllers, button_of, printed
from app.xr.sizes import BODY, EDGE, HELP, SMALL, TITLE
from core.verbs import Phase
from devices.openxr.kind import SIDES, Side
from devices.openxr.profiles import profile_of

MORE: Final = {
    "clutch": "Hold: the arm follows",
    "gripper": "Gripper",
    "scrub": "Scrub through time",
    "branches": "Other branch",
    "grab": "Grab a panel",
    "resize": "Size of a held panel",
    "scale": "Scale of the hand",
    "help": "This card",
}
"""What hands do that is no command of app/studio/table.py, in words."""
TOP: Final = 74
"""Where the hands begin, dmm."""
TITLED: Final = 54
"""Height of a hand's title and the space around it."""
MOST: Final = 42
"""Height of a row; less where there are many."""


@dataclass(frozen=True, slots=True)
class Row:
    """One button."""

    button: str
    """As it is printed on the controller."""
    words: str
    """What it does in this phase; several things apart by " / "."""
    now: bool
    """Whether that is possible now."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the help card shows; equal cards look equal."""

    title: str
    hands: tuple[tuple[Side, tuple[Row, ...]], ...]


def content(held: Controllers, phase: Phase | None) -> Card:
    """The card of the controllers that are held, in a phase."""
    found: dict[Side, dict[str, list[str]]] = {hand: {} for hand in SIDES}
    for what, buttons in held.buttons.items():
        for path in buttons:
            button = button_of(path)
            if button is not None:
                found[button[0]].setdefault(button[1], []).append(what)
    hands = tuple((hand, _merged([_row(*one, phase, held) for one in _ordered(found[hand])])) for hand in SIDES)
    return Card(profile_of(held.profile).words, hands)


def paint(card: Card) -> QImage:
    """The card as an image."""
    sheet = Sheet(HELP)
    sheet.text(
        QRectF(EDGE, 10, HELP[0] - 2 * EDGE, 56), card.title, theme.TEXT, TITLE if len(card.title) < 24 else BODY, 600
    )
    sheet.fill(QRectF(EDGE, 68, HELP[0] - 2 * EDGE, 1.5), theme.faded(theme.LINE_STRONG, 1.0))
    rows = sum(max(1, len(rows)) for _, rows in card.hands)
    pitch = min(MOST, (HELP[1] - TOP - EDGE / 2 - len(card.hands) * TITLED) / max(1, rows))
    y = float(TOP)
    for hand, rows_of in card.hands:
        sheet.disc(EDGE + 14, y + 22, 14, theme.LEFT if hand == "left" else theme.RIGHT)
        sheet.text(QRectF(EDGE - 6, y + 2, 40, 40), hand[0].upper(), theme.ON_COLOUR, SMALL, 700, CENTRE)
        sheet.text(QRectF(EDGE + 40, y, 300, 44), f"{hand.capitalize()} hand", theme.TEXT_DIM, SMALL, 600)
        y += TITLED - 6
        for row in rows_of:
            _paint_row(sheet, row, y, pitch)
            y += pitch
        if not rows_of:
            sheet.text(QRectF(EDGE + 40, y, 460, pitch), "no buttons", theme.TEXT_FAINT, SMALL)
            y += pitch
        y += 6
    return sheet.finish()


def _paint_row(sheet: Sheet, row: Row, y: float, pitch: float) -> None:
    """The button as a cap, then the words; what is not possible now is faint and has no filled cap."""
    ink = theme.TEXT if row.now else theme.TEXT_FAINT
    cap = QRectF(EDGE, y + 2, max(44.0, advance(row.button, SMALL, 600) + 22), min(36.0, pitch - 3))
    sheet.box(cap, theme.RAISED if row.now else None, 8, theme.LINE_STRONG if row.now else theme.LINE, 1.5)
    sheet.text(cap, row.button, ink, SMALL, 600, CENTRE)
    left = EDGE + 156.0
    sheet.text(QRectF(left, y, HELP[0] - EDGE - left, pitch - 2), row.words, ink, SMALL)


def _ordered(buttons: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """What is held first, then the rest by name."""
    first = ("squeeze", "trigger", "thumbstick", "trackpad")

    def rank(one: tuple[str, list[str]]) -> tuple[int, str]:
        return next((i for i, start in enumerate(first) if one[0].startswith(start)), len(first)), one[0]

    return sorted(buttons.items(), key=rank)


def _merged(rows: list[Row]) -> tuple[Row, ...]:
    """Ways of a stick that do the same, "Stick ←" and "Stick →", as one row "Stick ← →"."""
    merged: list[Row] = []
    for row in rows:
        base, _, way = row.button.partition(" ")
        last = merged[-1] if merged else None
        if last and way and last.button.startswith(f"{base} ") and (last.words, last.now) == (row.words, row.now):
            merged[-1] = replace(last, button=f"{last.button} {way}")
        else:
            merged.append(row)
    return tuple(merged)


def _row(component: str, what: list[str], phase: Phase | None, held: Controllers) -> Row:
    """A button with what it does in the phase; where it does nothing in it, with what it does in others."""
    rows = held.commands
    possible = [name for name in what if phase is None or name not in rows or phase in rows[name].phases]
    words = " / ".join(dict.fromkeys(_words(name, held) for name in possible or what))
    return Row(printed(component), words, bool(possible))


def _words(name: str, held: Controllers) -> str:
    if name in MORE:
        return MORE[name]
    return held.commands[name].words if name in held.commands else name.replace("_", " ").capitalize()
