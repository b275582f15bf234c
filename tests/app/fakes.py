"""A studio that only remembers, and a status to show."""

from dataclasses import replace
from typing import Any

import numpy as np

from app.opening.scene_book import FIRST_SEED
from core.branch_tree import Branch, BranchTree, Head
from core.events import Message, Status
from core.observation import Observation
from core.verbs import Verb

OBSERVATION = Observation({"top": np.zeros((4, 4, 3), np.uint8)}, np.zeros(14, np.float32))
TREE = BranchTree(
    {
        0: Branch(0, None, 0, 40, 0, "rollout", 0, 0),
        1: Branch(1, 0, 20, 30, 0, "correction", 1, 0),
        2: Branch(2, 0, 25, 28, 0, "correction", 2, 0, discarded=True),
        3: Branch(3, 0, 10, 60, 0, "correction", 3, 0),
        4: Branch(4, None, 0, 5, 1, "rollout", 4, 1, outcome="timeout"),
        5: Branch(5, None, 0, 5, 2, "rollout", 5, FIRST_SEED + 7),
    }
)
STATUS = Status(
    phase="PAUSED",
    head=Head(1, 25),
    observation=OBSERVATION,
    trust=0.8,
    progress=0.4,
    success=False,
    driver="policy",
    device="keyboard",
    device_connected=True,
    world_time=2.5,
    rate_hz=10.0,
    step_ms=3.0,
    speed=1.0,
    freeze_on_idle=False,
    frozen=False,
    clutch=(False, False),
    limit_hits=(False, False),
    recorded=12,
)


class RecordingDeck:
    """Remembers what keys ask of the past; nothing plays."""

    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def stop(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return lambda *values, **named: self._asked.append(f"deck.{name}{values}")


class RecordingStudio:
    """Remembers what commands ask for; see app.commands.studio.Studio."""

    def __init__(self, **changes: Any) -> None:
        self.status: Status | None = replace(STATUS, **changes)
        self.tree = TREE
        self.head: Head | None = self.status.head
        self.verbs: list[Verb] = []
        self.asked: list[str] = []
        self.deck = RecordingDeck(self.asked)

    def length(self, branch: int) -> int:
        return self.tree.branches[branch].length

    def submit(self, *verbs: Verb) -> None:
        self.verbs += verbs

    def screenshot(self) -> None:
        self.asked.append("screenshot")

    def new_scene_from(self) -> None:
        self.asked.append("new_scene_from")

    def new_scene_from_here(self) -> None:
        self.asked.append("new_scene_from_here")

    def show_devices(self) -> None:
        self.asked.append("show_devices")

    def show_mode(self, mode: str) -> None:
        self.asked.append(f"mode {mode}")

    def toggle_plots(self) -> None:
        self.asked.append("plots")

    def switch_arm(self) -> None:
        self.asked.append("switch_arm")

    def recentre(self) -> None:
        self.asked.append("recentre")

    def rescale(self, direction: int) -> None:
        self.asked.append(f"rescale {direction}")

    def rename_branch(self) -> None:
        self.asked.append("rename_branch")

    def add_note(self) -> None:
        self.asked.append("add_note")

    def note_branch(self) -> None:
        self.asked.append("branch_note")

    def show_history(self) -> None:
        self.asked.append("history")

    def show_palette(self) -> None:
        self.asked.append("palette")

    def change_text_size(self, direction: int) -> None:
        self.asked.append(f"text {direction}")

    def tell(self, message: Message) -> None:
        self.asked.append(message.text)

    def open_session(self) -> None:
        self.asked.append("open_session")

    def export_session(self) -> None:
        self.asked.append("export")

    def toggle_full_screen(self) -> None:
        self.asked.append("full_screen")

    def toggle_plan(self) -> None:
        self.asked.append("plan")

    def toggle_markers(self) -> None:
        self.asked.append("markers")

    def show_help(self) -> None:
        self.asked.append("help")

    def leave(self) -> None:
        self.asked.append("leave")

    def quit(self) -> None:
        self.asked.append("quit")
