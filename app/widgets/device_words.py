"""What devices are called where a user reads them."""

WORDS = {
    "keyboard": "Keyboard",
    "operator": "Scripted operator",
    "auto": "What is plugged in",
    "spacemouse": "SpaceMouse",
    "so101": "SO-101 leader",
    "dynamixel": "Leader arm",
    "lerobot": "LeRobot teleoperator",
    "openxr": "VR controllers",
    "nobody": "Nobody",
}


def device_words(name: str) -> str:
    """The name of a device in menus and on the side panel, from its registry name; "a + b" are two that drive."""
    first, *others = name.split(" + ")
    words = [WORDS.get(one, one.replace("_", " ").capitalize()) for one in (first, *others)]
    return " + ".join(words)


def in_sentence(words: str) -> str:
    """A name inside a sentence: "keyboard", but "VR controllers" and "SpaceMouse" as they are."""
    return words if any(letter.isupper() for letter in words[1:]) else words.lower()


def moved_by_keys(name: str) -> bool:
    """Whether the letters of the keyboard move an arm while this drives."""
    return "keyboard" in name.split(" + ")
