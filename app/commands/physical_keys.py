"""Keys by their place on the keyboard, for layouts that write no Latin letters: Russian, Greek, Hebrew, Arabic, ...

There the key that says W on a Latin keyboard gives "ц", "ς" or "'", so that neither a motion key nor the letter of a
command would be found by its character. The scan code says which key it was. Layouts that write Latin letters, as
AZERTY or Dvorak, keep their characters.
"""

import unicodedata
from typing import Final

from PyQt6.QtGui import QGuiApplication, QKeyEvent

_ROWS: Final = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./"}
"""Scan code of the first key of a run -> the characters of a US keyboard. The codes of Linux and of Windows agree."""
_BY_SCAN_CODE: Final = {first + at: key for first, row in _ROWS.items() for at, key in enumerate(row)}
_X11: Final = 8
"""What X11 and Wayland add to every scan code."""
_BY_MAC_CODE: Final = dict(zip(
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 31, 32, 33, 34, 35, 37, 38, 39, 40, 41, 42, 43, 44, 45,
     46, 47, 30),
    "asdfhgzxcvbqweryto" "u[ip" "lj'k;\\,/nm.]", strict=True,
))  # fmt: skip
"""Virtual key code of macOS -> the character of a US keyboard."""
_SIGNS: Final = frozenset({("q", "/"), ("w", "'"), ("q", ";")})
"""(US key, character) of letter keys that give a sign on Hebrew or Greek layouts, and on no Latin one."""


def physical_key(event: QKeyEvent) -> str:
    """What a key would write on a US keyboard, lower case; "" where its own character is to be used."""
    key = event.key()
    character = chr(key) if 0x20 < key < 0x01000000 else ""
    if not character:
        return ""
    place = _place(event)
    return place if _foreign(character) or (place, character) in _SIGNS else ""


def _place(event: QKeyEvent) -> str:
    platform = QGuiApplication.platformName()
    if platform == "cocoa":
        return _BY_MAC_CODE.get(event.nativeVirtualKey(), "")
    return _BY_SCAN_CODE.get(event.nativeScanCode() - (0 if platform == "windows" else _X11), "")


def _foreign(character: str) -> bool:
    """Whether a character is a letter, mark or digit of another script than Latin."""
    beyond = ord(character) >= 0x250 and unicodedata.category(character)[0] in "LMN"
    return beyond and not unicodedata.name(character, "").startswith("LATIN")
