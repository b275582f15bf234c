"""No key has two meanings on a page, and none means something else than on the timeline."""

import pytest
from PyQt6.QtGui import QKeySequence

from app.commands.table import COMMANDS
from app.playback.page_keys import BROWSER, COMPARE, REVIEW

PAGES = {"review": REVIEW, "compare": COMPARE, "browser": BROWSER}
TIMELINE = (
    "J", "K", "L", "Left", "Right", "Shift+Left", "Shift+Right", "Ctrl+Left", "Ctrl+Right", "Home", "End", "Up", "Down",
    "[", "]", "F", "G", "Ctrl+Z", "Ctrl+Y", *"0123456789",
)  # fmt: skip
"""Keys that move through time and branches: they mean the same wherever there is something to move through."""


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
def test_a_key_of_the_timeline_means_the_same_on_every_page(page: str) -> None:
    paused = {normal(key): c.name for c in COMMANDS if "PAUSED" in c.phases for key in c.keys}
    here = {normal(sequence): key.name for key in PAGES[page] for sequence in key.keys}
    for key in map(normal, TIMELINE):
        if key in paused and key in here and paused[key] not in ("back", "forward"):
            assert here[key] == paused[key], key
    if page != "browser":
        assert (here["J"], here["K"], here["L"]) == ("play_back", "play_stop", "play")
        assert {here[str(n)] for n in range(10)} == {f"speed_{n}" for n in range(10)}


def test_a_verdict_is_one_plain_letter() -> None:
    here = {key.name: key.keys for key in REVIEW}
    assert [here[name] for name in ("accept", "reject", "needs_work", "note")] == [("A",), ("R",), ("W",), ("N",)]
