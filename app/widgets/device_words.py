"""What devices are called where a user reads them."""

from devices import KINDS

OTHERS = {"operator": "Scripted operator", "auto": "What is plugged in", "nobody": "Nobody"}
"""What can drive, or be chosen, and is no kind of device."""


def device_words(name: str) -> str:
    """The name of a device in menus and on the side panel, from its registry name; "a + b" are two that drive."""
    return " + ".join(_words(one) for one in name.split(" + "))


def plural_words(kind: str) -> str:
    """All devices of a kind inside a sentence, for example "gamepads"."""
    return KINDS[kind].plural if kind in KINDS else f"{in_sentence(device_words(kind))} devices"


def in_sentence(words: str) -> str:
    """A name inside a sentence: "keyboard", but "VR controllers" and "SpaceMouse" as they are."""
    return words if any(letter.isupper() for letter in words[1:]) else words.lower()


def moved_by_keys(name: str) -> bool:
    """Whether the letters of the keyboard move an arm while this drives."""
    return "keyboard" in name.split(" + ")


def _words(name: str) -> str:
    kind = KINDS.get(name)
    return kind.words if kind is not None else OTHERS.get(name, name.replace("_", " ").capitalize())
