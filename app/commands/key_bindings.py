"""The operator's own keys for the verbs, put on the commands; a key that would mean two things is refused in words."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from PyQt6.QtGui import QAction, QKeySequence

from app.commands.table import BY_NAME, COMMANDS, MOVING, Command
from devices.keyboard.device import Motion
from devices.keyboard.kind import KEY
from devices.profile import Profile
from devices.verb_bindings import Bindings, bindings_with

_USUAL: Final = bindings_with()
_TEXT: Final = QKeySequence.SequenceFormat.PortableText


def own_keys(bound: Bindings, keys: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, tuple[str, ...]]:
    """Name of a command -> its keys, where the operator wants others than the usual ones.

    Args:
        bound: of the commands that buttons of devices carry out as well.
        keys: of any command by its name.
    """

    def of_verb(buttons: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normal(button.partition("/")[2]) for button in buttons if button.startswith(f"{KEY}/"))

    wanted = {name: of_verb(b) for name, b in bound.items() if of_verb(b) != of_verb(_USUAL[name])}
    return wanted | {name: tuple(map(normal, own)) for name, own in (keys or {}).items() if name in BY_NAME}


def put_on(actions: Mapping[str, QAction], profile: Profile, motions: Mapping[str, Motion]) -> list[str]:
    """Give the actions the operator's keys; the conflicts, in words, whose keys stay the usual ones."""
    wanted = own_keys(profile.bindings, profile.keys)
    words = list(unknown(profile.keys))
    refused = {name: text for name, keys in wanted.items() if (text := conflict(name, keys, wanted))}
    words += refused.values()
    now = {name: keys for name, keys in wanted.items() if name not in refused}
    for name, action in actions.items():
        if name in BY_NAME:
            action.setShortcuts([QKeySequence(key) for key in now.get(name, BY_NAME[name].keys)])
    taken = {normal(key): command for command in COMMANDS if command.phases & MOVING
             for key in now.get(command.name, command.keys)}  # fmt: skip
    words += [
        f"The key {key!r} moves the {motion.words} while hands drive, and not “{taken[normal(key)].text}”."
        for key, motion in motions.items()
        if normal(key) in taken
    ]
    return words


def unknown(keys: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What of the operator's table is no command or no key, in words."""
    for name, own in keys.items():
        if name not in BY_NAME:
            near = difflib.get_close_matches(name, BY_NAME, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            yield f"The profile gives keys to {name!r}, which is no command.{hint}"
        for key in own:
            if not normal(key):
                yield f"The profile gives {name!r} the key {key!r}, which is no key. Write it as Ctrl+J, F5 or [."


def conflict(name: str, keys: tuple[str, ...], wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Why a command cannot have its keys, in words; "" where it can."""
    mine = BY_NAME[name]
    keys = tuple(key for key in map(normal, keys) if key)
    for other in COMMANDS:
        if other.name == name or not other.phases & mine.phases:
            continue
        both = set(keys) & {normal(key) for key in wanted.get(other.name, other.keys)}
        if both:
            return f"The key {both.pop()!r} would mean “{mine.text}” and “{_title(other)}”; the usual keys stay."
    return ""


def normal(key: str) -> str:
    """A key as Qt writes it, whatever its case."""
    return QKeySequence(key).toString(_TEXT)


def _title(command: Command) -> str:
    return command.text.rstrip("…")
