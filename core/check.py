"""What one check of `main.py doctor` found."""

from dataclasses import dataclass
from typing import Literal

CheckState = Literal["ok", "optional", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    state: CheckState
    """"ok"; "optional": missing, and only some users need it; "broken"."""
    words: str
    cure: str = ""
    """The exact command, or the one step, that repairs it."""
