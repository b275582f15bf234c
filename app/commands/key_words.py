"""Words of a button or a field together with the key that does the same."""

from collections.abc import Callable

KeyOf = Callable[[str], str]
"""From the name of a command to its first key as it is drawn on a page; "" where it has none."""


def with_key(words: str, key: str) -> str:
    """Accept  A; the words alone where there is no key."""
    return f"{words}  {key}" if key else words
