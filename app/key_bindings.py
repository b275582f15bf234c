"""The operator's own keys for the verbs, put on the commands; a key that would mean two things is refused in words."""

from collections.abc import Mapping
from typing import Final

from PyQt6.QtGui import QAction, QKeySequence

from app.commands import BY_NAME, COMMANDS, MOVING, Command
from devices.keyboard import Motion
from devices.profile import Profile
from devices.verb_bindings import KEY, Bindings

_USUAL: Final = Bindings().by_verb
_TEXT: Final = QKeySequence.SequenceFormat.PortableText


def own_keys(bindings: Bindings) -> dict[str, tuple[str, ...]]:
    """Name of a command -> its keys, where the operator wants others than the usual ones."""

    def keys(buttons: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normal(button.partition("/")[2]) for button in buttons if button.startswith(f"{KEY}/"))

    return {name: keys(buttons) for name, buttons in bindings.by_verb.items() if keys(buttons) != keys(_USUAL[name])}


def put_on(actions: Mapping[str, QAction], profile: Profile, motions: Mapping[str, Motion]) -> list[str]:
    """Give the actions the operator's keys; the conflicts, in words, whose keys stay the usual ones."""
    wanted = own_keys(profile.bindings)
    words = [text for text in (conflict(name, keys, wanted) for name, keys in wanted.items()) if text]
    for name in _USUAL:
        own = name in wanted and not conflict(name, wanted[name], wanted)
        actions[name].setShortcuts([QKeySequence(key) for key in (wanted[name] if own else BY_NAME[name].keys)])
    taken = {normal(key): command for command in COMMANDS if command.phases & MOVING
             for key in wanted.get(command.name, command.keys)}  # fmt: skip
    words += [
        f"The key {key!r} moves the {motion.words} while hands drive, and not “{taken[normal(key)].text}”."
        for key, motion in motions.items()
        if normal(key) in taken
    ]
    return words


def conflict(name: str, keys: tuple[str, ...], wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Why a command cannot have its keys, in words; "" where it can."""
    mine = BY_NAME[name]
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
