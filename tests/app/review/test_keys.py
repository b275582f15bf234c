"""No key has two meanings on a page, and none means something else than on the timeline."""

import pytest
from PyQt6.QtGui import QKeySequence

from app.commands import COMMANDS
from app.review.keys import BROWSER, COMPARE, REVIEW, PageKey

PAGES = {"review": REVIEW, "compare": COMPARE, "browser": BROWSER}
SAME = {
    "play": "run", "previous": "branch_up", "next": "branch_down", "go_to_step": "go_to_step", "drive": "take_over",
    "to_fork": "take_over", "again": "same_scene",
}  # fmt: skip
"""Page action -> the command of the paused window that shares a key with it, where the names differ.

Space runs, Up and Down go to the neighbour, Return begins: the same intent about another thing.
"""


def normal(key: str) -> str:
    return QKeySequence(key).toString()


@pytest.mark.parametrize("page", PAGES)
def test_no_key_has_two_meanings_on_a_page(page: str) -> None:
    meanings: dict[str, list[str]] = {}
    for key in PAGES[page]:
        for sequence in key.keys:
            assert normal(sequence), f"Qt knows no key {sequence!r}"
            meanings.setdefault(normal(sequence), []).append(key.name)
    for command in COMMANDS:
        if "REVIEW" in command.phases:
            for sequence in command.keys:
                meanings.setdefault(normal(sequence), []).append(command.name)
    assert not {key: names for key, names in meanings.items() if len(names) > 1}


@pytest.mark.parametrize("page", PAGES)
def test_a_plain_key_means_what_it_means_on_the_timeline_or_nothing_there(page: str) -> None:
    paused = {normal(key): c.name for c in COMMANDS if "PAUSED" in c.phases for key in c.keys}

    def fits(key: PageKey, sequence: str) -> bool:
        there = paused.get(normal(sequence))
        return there is None or key.name == there or SAME.get(key.name) == there or key.name.startswith("speed_")

    clashes = [(key.name, s, paused[normal(s)]) for key in PAGES[page] for s in key.keys
               if not s.startswith("Ctrl+") and not fits(key, s)]  # fmt: skip
    clashes = [c for c in clashes if c[1] not in ("J", "L")]  # one step or shuttle: both move through time
    assert not clashes
