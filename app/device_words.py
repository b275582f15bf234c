"""What devices are called where a user reads them."""

WORDS = {"keyboard": "Keyboard", "operator": "Scripted operator"}


def device_words(name: str) -> str:
    """The name of a device in menus and on the side panel, from its registry name."""
    return WORDS.get(name, name.replace("_", " ").capitalize())
