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


class Digits:
    """Digits typed within half a second of each other make one speed: 2, 15, and with a leading zero 05 for 0.5."""

    CHORD_S = 0.5
    SLOWEST, FASTEST = 0.05, 64.0

    def __init__(self) -> None:
        self._typed = ""
        self._at = float("-inf")

    def press(self, digit: int, now: float) -> float | None:
        """One more digit at a time in seconds; the speed that is meant so far, None for a zero alone."""
        self._typed = self._typed + str(digit) if now - self._at <= self.CHORD_S else str(digit)
        self._at = now
        value = (
            float(f"0.{self._typed[1:]}")
            if self._typed.startswith("0") and len(self._typed) > 1
            else float(self._typed)
        )
        return None if value == 0 else max(self.SLOWEST, min(self.FASTEST, value))
