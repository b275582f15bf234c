"""The operator's own keys, put on the actions; a key that would mean two things in one place is refused in words."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from PyQt6.QtGui import QKeySequence

from app.commands.actions import Actions
from app.commands.command import DRIVE, EVERY_PAGE, MOVING, Command, on_page, together
from devices.keyboard.device import Motion
from devices.keyboard.kind import KEY
from devices.profile import Profile
from devices.verb_bindings import Bindings, bindings_with

_USUAL: Final = bindings_with()
_TEXT: Final = QKeySequence.SequenceFormat.PortableText
Rows = Sequence[Command[Any]]


def own_keys(bindings: Bindings, keys: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, tuple[str, ...]]:
    """Name of a command -> its keys, where the operator wants others than the usual ones.

    Args:
        bindings: of the commands that buttons of devices carry out as well.
        keys: of any command by its name.
    """

    def of_verb(buttons: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normal(button.partition("/")[2]) for button in buttons if button.startswith(f"{KEY}/"))

    wanted = {name: of_verb(b) for name, b in bindings.items() if of_verb(b) != of_verb(_USUAL[name])}
    return wanted | {name: tuple(map(normal, own)) for name, own in (keys or {}).items()}


def put_on(actions: Actions, profile: Profile, motions: Mapping[str, Motion], known: Rows | None = None) -> list[str]:
    """Give the actions the operator's keys.

    Args:
        actions: Of a window.
        profile: The operator's.
        motions: Keys that move the arms, and what they move.
        known: Every command that a profile may name; None for those of the window.

    Returns:
        The conflicts, in words: where there is one, the usual keys stay.
    """
    rows = actions.commands
    wanted = own_keys(profile.bindings, profile.keys)
    words = list(unknown(profile.keys, rows if known is None else known))
    now: dict[str, dict[str, tuple[str, ...]]] = {}
    for page in pages_of(rows):
        refused = {name: text for name, keys in wanted.items() if (text := conflict(name, keys, wanted, rows, page))}
        words += [text for text in refused.values() if text not in words]
        now[page] = {name: keys for name, keys in wanted.items() if name not in refused}
    actions.set_keys(now)
    taken = {normal(key): row for row in rows if row.phases & MOVING
             for key in now[DRIVE].get(row.name, row.keys)}  # fmt: skip
    words += [
        f"The key {key!r} moves the {motion.words} while hands drive, and not “{taken[normal(key)].text}”."
        for key, motion in motions.items()
        if normal(key) in taken
    ]
    return words


def unknown(keys: Mapping[str, tuple[str, ...]], rows: Rows) -> Iterator[str]:
    """What of the operator's table is no command or no key, in words."""
    names = [command.name for command in rows]
    for name, own in keys.items():
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            yield f"The profile gives keys to {name!r}, which is no command.{hint}"
        for key in own:
            if not normal(key):
                yield f"The profile gives {name!r} the key {key!r}, which is no key. Write it as Ctrl+J, F5 or [."


def pages_of(rows: Rows) -> tuple[str, ...]:
    """Every page on which one of these commands is possible, driving first."""
    return (DRIVE, *sorted(set().union(*(row.pages for row in rows)) - EVERY_PAGE))


def conflict(
    name: str, keys: tuple[str, ...], wanted: Mapping[str, tuple[str, ...]], rows: Rows, page: str = DRIVE
) -> str:
    """Why a command cannot have its keys on a page, in words; "" where it can, or where it is not possible."""
    words = clash(name, keys, wanted, rows, page)
    return f"{words}; the usual keys stay{'' if page == DRIVE else ' there'}." if words else ""


def clash(name: str, keys: tuple[str, ...], wanted: Mapping[str, tuple[str, ...]], rows: Rows, page: str) -> str:
    """Which key of a command would mean two things on a page, as a sentence without its end; "" where none would."""
    mine = next((row for row in rows if row.name == name and on_page(row, page)), None)
    if mine is None:
        return ""
    where = "" if page == DRIVE else f" on the page {page.capitalize()}"
    keys = tuple(key for key in map(normal, keys) if key)
    for other in rows:
        if other.name == name or not together(mine, other, page):
            continue
        both = set(keys) & {normal(key) for key in wanted.get(other.name, other.keys)}
        if both:
            meant = f"“{_title(mine)}” and “{_title(other)}”"
            return f"The key {min(both)!r} would mean {meant}{where}"
    return ""


def normal(key: str) -> str:
    """A key as Qt writes it, whatever its case."""
    return QKeySequence(key).toString(_TEXT)


def _title(command: Command[Any]) -> str:
    return command.text.rstrip("…")
