"""What a typed step means: "120", "+10", "-10" (or a real minus), "12.5 s". No Qt."""

import re

_FORM = re.compile(r"\s*([+\-−]?)\s*(\d[\d  ,]*(?:\.\d+)?)\s*(s?)\s*")


class BadStep(ValueError):
    """The words are no step; the text says what is."""


def step_of(words: str, now: int, last: int, dt: float) -> int:
    """The node that is meant, held within 0 .. last.

    Args:
        words: as typed.
        now: node from which "+" and "-" count.
        last: the last node of the branch.
        dt: seconds per step.

    Raises:
        BadStep: nothing can be made of the words.
    """
    found = _FORM.fullmatch(words)
    if found is None:
        raise BadStep(f"{words!r} is no step. Type a number as 120, a way as +10 or -10, or a time as 12.5 s.")
    sign, number, seconds = found[1], float(re.sub(r"[  ,]", "", found[2])), bool(found[3])
    if "." in found[2] and not seconds:
        raise BadStep(f"{words!r} lies between two steps. Write 12.5 s where seconds are meant.")
    steps = round(number / dt) if seconds else round(number)
    node = steps if not sign else now + (steps if sign == "+" else -steps)
    return max(0, min(last, node))
