"""Keys of the pages that need no device, as tables: name, words, keys, hint. They act while their page is seen.

What the timeline means by a key it means here too (J K L, arrows, Home and End, digits, F, G, brackets, undo); what a
reviewer needs besides sits on letters that the timeline leaves alone. A test holds both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.commands.hint_line import HEIGHT, key_cap
from app.widgets.labels import PlainLabel


@dataclass(frozen=True, slots=True)
class PageKey:
    """One action of a page."""

    name: str
    text: str
    keys: tuple[str, ...]
    hint: str = ""
    """For the line at the bottom; "" keeps it off."""
    repeats: bool = False
    """Whether it goes on while the key is held."""


TRANSPORT: Final = (
    PageKey("play_pause", "Play or stand", ("Space",), "play"),
    PageKey("play_back", "Play backwards, faster", ("J",)),
    PageKey("play_stop", "Stand", ("K",)),
    PageKey("play", "Play, faster", ("L",)),
    PageKey("back", "One step back", ("Left",), "step", repeats=True),
    PageKey("forward", "One step forward", ("Right",), repeats=True),
    PageKey("back_10", "Ten steps back", ("Shift+Left",), repeats=True),
    PageKey("forward_10", "Ten steps forward", ("Shift+Right",), repeats=True),
    PageKey("to_start", "To the start", ("Home",)),
    PageKey("to_end", "To the end", ("End",)),
    PageKey("event_back", "To the fork or marker before", ("Ctrl+Left",), repeats=True),
    PageKey("event_forward", "To the next fork or marker", ("Ctrl+Right",), repeats=True),
    PageKey("loop", "Loop", ("Ctrl+Shift+L",)),
    PageKey("paths", "Paths of the end effectors", ("P",), "paths"),
    *(PageKey(f"speed_{n}", f"Speed {n}×" if n else "Speed 0.5×", (str(n),)) for n in range(10)),
)
"""What review and comparison share."""

REVIEW: Final = (
    PageKey("accept", "Accept, and go on", ("A",), "accept"),
    PageKey("reject", "Reject, and go on", ("R",), "reject"),
    PageKey("needs_work", "Needs work, and go on", ("W",), "needs work"),
    PageKey("note", "Note", ("N",), "note"),
    PageKey("undo", "Undo", ("Ctrl+Z", "U"), "undo"),
    PageKey("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    PageKey("branch_up", "Branch above", ("Up",), "branches", repeats=True),
    PageKey("branch_down", "Branch below", ("Down",), repeats=True),
    PageKey("sibling_up", "Previous sibling", ("[",)),
    PageKey("sibling_down", "Next sibling", ("]",)),
    PageKey("next_failure", "Next failure", ("F",)),
    PageKey("go_to_step", "Go to step", ("G",)),
    PageKey("filter", "Filter", ("/",), "filter"),
    PageKey("before_after", "Compare: the failure and its best correction", ("B",), "before / after"),
    PageKey("plot", "Next plot of the action", ("V",)),
    PageKey("again", "Read again", ("Ctrl+R",)),
    *TRANSPORT,
)

COMPARE: Final = (
    PageKey("before_after", "The failure and its best correction", ("B",), "before / after"),
    PageKey("two", "Two branches", ("Ctrl+2",), "two"),
    PageKey("four", "Four branches", ("Ctrl+4",), "four"),
    PageKey("sibling_up", "Previous branch on the right", ("[",)),
    PageKey("sibling_down", "Next branch on the right", ("]",), "other branch"),
    PageKey("to_fork", "To the fork", ("Return", "Enter"), "to the fork"),
    *TRANSPORT,
)

BROWSER: Final = (
    PageKey("drive", "Open for driving", ("Return", "Enter"), "drive"),
    PageKey("review", "Open for review", ("V",), "review"),
    PageKey("review_all", "Review all that are shown", ("Ctrl+A",), "review all"),
    PageKey("branch_up", "Session above", ("Up",), "sessions", repeats=True),
    PageKey("branch_down", "Session below", ("Down",), repeats=True),
    PageKey("filter", "Filter", ("/",), "filter"),
    PageKey("folder", "Another folder", ("Ctrl+F",), "folder"),
    PageKey("again", "Read again", ("Ctrl+R",), "read again"),
)


def install(page: QWidget, keys: Sequence[PageKey], acts: Mapping[str, Callable[[], None]]) -> dict[str, QAction]:
    """The actions of a page; Qt offers their keys only while the page is visible and nobody types."""
    actions = {}
    for key in keys:
        action = QAction(key.text, page)
        action.setObjectName(key.name)
        action.setShortcuts([QKeySequence(k) for k in key.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(key.repeats)
        act = acts[key.name]
        action.triggered.connect(lambda _checked=False, act=act: act())
        page.addAction(action)
        actions[key.name] = action
    return actions


class KeyLine(QFrame):
    """The line at the bottom of a page: what its keys do."""

    def __init__(self, owner: str, keys: Sequence[PageKey]) -> None:
        super().__init__()
        self.setObjectName("hintline")
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        title = PlainLabel(owner)
        title.setObjectName("keyowner")
        row.addWidget(title)
        pairs = {"back": ("Left", "Right"), "branch_up": ("Up", "Down"), "sibling_down": ("[", "]")}
        for key in keys:
            if not key.hint:
                continue
            for cap in pairs.get(key.name, key.keys[:1]):
                row.addWidget(key_cap(cap), 0, Qt.AlignmentFlag.AlignVCenter)
            word = PlainLabel(key.hint)
            word.setObjectName("keyword")
            row.addWidget(word, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addSpacing(6)
        row.addStretch(1)
