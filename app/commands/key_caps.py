"""Keys as they are drawn: a sign or the platform's name on a small cap."""

from PyQt6.QtGui import QKeySequence

from app.widgets.labels import PlainLabel

SYMBOLS = {"Return": "↵", "Backspace": "⌫", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "-": "−"}
"""Keys that are drawn on a key cap by their sign; other keys by the name the platform gives them."""


def cap_text(key: str) -> str:
    """What stands on the key cap of a portable key sequence."""
    if key in SYMBOLS:
        return SYMBOLS[key]
    held, plus, last = key.rpartition("+")
    if plus and held and last in SYMBOLS and last != "-":
        return f"{held}+{SYMBOLS[last]}"
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key


def key_cap(key: str) -> PlainLabel:
    """A small drawn key."""
    cap = PlainLabel(cap_text(key))
    cap.setObjectName("keycap")
    return cap
