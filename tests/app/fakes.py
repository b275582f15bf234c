"""A session and a studio that only remember what is asked of them, and a status to show."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.opening.scene_book import FIRST_SEED
from core.branch_tree import Branch, BranchTree, Head
from core.events import Status
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


class RecordingSession:
    """Remembers the verbs that were submitted; see app.opening.live_session.LiveSession."""

    def __init__(self, **changes: Any) -> None:
        self.status: Status | None = replace(STATUS, **changes)
        self.tree, self.folder = TREE, Path("sessions/one")
        self.head: Head | None = self.status.head
        self.verbs: list[Verb] = []

    def length(self, branch: int) -> int:
        return self.tree.branches[branch].length

    def submit(self, *verbs: Verb) -> None:
        self.verbs += verbs


class Part:
    """Remembers every method that is called on it, or on a part of it."""

    def __init__(self, name: str, asked: list[str]) -> None:
        self._name, self._asked = name, asked

    def __getattr__(self, name: str) -> "Part":
        return Part(f"{self._name}.{name}", self._asked)

    def __getitem__(self, name: str) -> "Part":
        return Part(f"{self._name}.{name}", self._asked)

    def __call__(self, *values: Any, **named: Any) -> "Part":
        self._asked.append(f"{self._name}{values}")
        return self

    def __bool__(self) -> bool:
        return False


class RecordingStudio:
    """Remembers what commands do with each part; see app.studio.studio.Studio."""

    def __init__(self, **changes: Any) -> None:
        self.session = RecordingSession(**changes)
        self.asked: list[str] = []
        names = ("window", "pages", "player", "viewport", "inputs", "scenes", "export", "switcher", "headset")
        self.parts = {name: Part(name, self.asked) for name in names}
        self.ways_out = (Part("way out", self.asked),)

    @property
    def verbs(self) -> list[Verb]:
        return self.session.verbs

    def timeline(self) -> Part:
        return Part("timeline", self.asked)

    def __getattr__(self, name: str) -> Part:
        return self.parts[name]
