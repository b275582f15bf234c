"""Every entry of the menu is one verb; what the phase does not allow is grey and says so."""

from dataclasses import replace

import pytest
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.timeline.branch_menu import BranchMenu
from app.timeline.model import TimelineModel
from core.branch_tree import Marker
from core.verbs import (
    BranchHere,
    Continue,
    Discard,
    Mark,
    Propose,
    RemoveMarker,
    Replay,
    Restore,
    RollBack,
    SetColor,
    SetHidden,
    SetOutcome,
    SetPinned,
    SetReview,
    Verb,
)
from tests.app.fakes import RecordingSession
from tests.app.made_up_session import MadeUp


class Asked:
    """Stands for the timeline that the menu opens over."""

    def __init__(self, qtbot: QtBot) -> None:
        self.timeline = QWidget()
        qtbot.addWidget(self.timeline)
        self.model = TimelineModel()
        self.made = MadeUp(self.model, pictures=False)
        self.trunk = self.made.branch(0, None, 0, "rollout")
        self.made.run(self.trunk, "policy", 20)
        self.child = self.made.branch(0, self.trunk, 10, "correction", "slow")
        self.made.run(self.child, "operator", 5)
        at = replace(self.made.tree[self.trunk], markers=(Marker(6, "note", "contact"),))
        self.made.tree[self.trunk] = at
        self.made.tell(self.child, 15)
        self.questions: list[tuple[object, ...]] = []

    def ask_name(self, branch: int) -> None:
        self.questions.append(("name", branch))

    def ask_branch_note(self, branch: int) -> None:
        self.questions.append(("branch note", branch))

    def ask_note(self, branch: int | None = None, node: int | None = None) -> None:
        self.questions.append(("note", branch, node))


@pytest.fixture
def asked(qtbot: QtBot) -> Asked:
    return Asked(qtbot)


def entries(menu: QMenu) -> dict[str, QAction]:
    found: dict[str, QAction] = {}
    for action in menu.actions():
        inner = action.menu()
        if inner is not None:
            found |= {f"{action.text()}/{name}": entry for name, entry in entries(inner).items()}
        elif action.text():
            found[action.text()] = action
    return found


def test_each_entry_is_its_verb(asked: Asked) -> None:
    studio = RecordingSession()
    child, trunk = asked.child, asked.trunk
    found = entries(BranchMenu(asked, studio, child, 6))
    wanted: dict[str, Verb] = {
        "Go here": RollBack(child, 6),
        "New branch here": BranchHere(child, 6),
        "Replay from here": Replay(child, 6),
        "Mark failure": Mark("failure", "", trunk, 6),
        "Mark success": Mark("success", "", trunk, 6),
        "Remove the note marker “contact”": RemoveMarker("note", trunk, 6),
        "Continue from its end": Continue(child),
        "Replay from its start": Replay(child),
        "Duplicate as a proposal": Propose(child),
        "Pin to the top": SetPinned(True, child),
        "Hide": SetHidden(True, child),
        "Move to the trash": Discard(child),
        "Colour/Automatic": SetColor(-1, child),
        "Colour/Sand": SetColor(2, child),
        "Review/Needs work": SetReview("needs_work", child),
        "Outcome/Timeout": SetOutcome("timeout", child),
    }
    assert found["Colour/Automatic"].isChecked()
    assert found["Review/Not reviewed"].isChecked()
    for words, verb in wanted.items():
        studio.verbs.clear()
        found[words].trigger()
        assert studio.verbs == [verb], words
    for words in ("Rename…", "Note on the branch…", "Marker with a note…"):
        found[words].trigger()
    assert asked.questions == [("name", child), ("branch note", child), ("note", child, 6)]


def test_what_the_phase_does_not_allow_is_grey_with_the_reason(asked: Asked) -> None:
    found = entries(BranchMenu(asked, RecordingSession(phase="PAUSED"), asked.child, None))
    assert "Go here" not in found, "no step was pointed at"
    assert all(action.isEnabled() for action in found.values() if action.text() != "A1, slow")
    nothing = RecordingSession()
    nothing.status = None
    grey = entries(BranchMenu(asked, nothing, asked.child, 12))
    assert not grey["Go here"].isEnabled()
    assert grey["Go here"].toolTip() == "Nothing is open."


def test_a_branch_in_the_trash_can_be_restored(asked: Asked) -> None:
    asked.made.tree[asked.child] = replace(asked.made.tree[asked.child], discarded=True)
    asked.made.tell(asked.trunk, 3)
    studio = RecordingSession()
    found = entries(BranchMenu(asked, studio, asked.child, None))
    found["Restore from the trash"].trigger()
    assert studio.verbs == [Restore(asked.child)]
    assert "Move to the trash" not in found


def test_the_menu_has_a_title(asked: Asked) -> None:
    menu = BranchMenu(asked, RecordingSession(), asked.child, 12)
    titles = [label.text() for label in menu.findChildren(QLabel)]
    assert titles == ["Step 12 of A1", "A1, slow"]
    menu.close()
