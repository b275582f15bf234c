"""The program that benchmarks.kill kills: it drives a real session into a real store and reports what it did.

Lines on a pipe, JSON: ["told", branch, index, crc] before a step goes to the recorder, ["labels", number, crc]
before a branch is; ["recorded", steps, labels] after both are in the store; ["phase"] where what the kill is meant for
begins, and ["end"] where it is over.
"""

import json
import os
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core import verbs as v
from core.branch_tree import Branch
from core.errors import IllegalVerb
from core.reading import ArmReading, DeviceReading
from core.recorder import Recorder
from core.recording import SessionInfo, StateCodec
from core.session import Session
from core.settings import Settings
from core.step import Node, Step, StoredNode
from core.store.compaction import compacting
from core.store.serialization import branch_to_dict
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld

PHASES = ("recording", "fork", "undo", "close", "compaction", "opening")
ROUNDS = {"recording": 20, "fork": 24, "undo": 40, "close": 9, "compaction": 9, "opening": 6}
"""How often the program goes through its phase; the last three have one only, after so much was recorded."""


class Endless(ToyTask):
    """Never times out."""

    max_steps = 10**9


class Announcing:
    """A sink that announces each call on the pipe before it forwards it to the recorder."""

    def __init__(self, recorder: Recorder, say: Callable[..., None]) -> None:
        self._recorder, self._say = recorder, say
        self._labels = {b.id: labels_of(b) for b in recorder.archive.tree().branches.values()}
        self._codec: StateCodec | None = None
        self.label_changes = 0
        """Changes of labels that were announced."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)

    def begin(self, info: SessionInfo, codec: StateCodec) -> None:
        """See core.recording.Sink."""
        self._codec = codec
        self._recorder.begin(info, codec)

    def episode(self, branch: Branch, start: Node) -> None:
        """See core.recording.Sink."""
        self._announce(branch)
        self._recorder.episode(branch, start)

    def branch(self, branch: Branch) -> None:
        """See core.recording.Sink."""
        self._announce(branch)
        self._recorder.branch(branch)

    def step(self, step: Step) -> None:
        """See core.recording.Sink."""
        assert self._codec is not None, "begin comes first"
        self._say("told", step.branch, step.index, crc_of(self._codec.pack(step.node)))
        self._recorder.step(step)

    def _announce(self, branch: Branch) -> None:
        self._labels[branch.id] = labels_of(branch)
        self.label_changes += 1
        self._say("labels", self.label_changes, crc_of_labels(self._labels))


def labels_of(branch: Branch) -> str:
    """Everything of a branch but its length, which steps change."""
    values = branch_to_dict(branch)
    values.pop("length")
    return json.dumps(values, sort_keys=True)


def crc_of_labels(labels: Mapping[int, str]) -> int:
    """One number for all branches."""
    return zlib.crc32("\n".join(labels[number] for number in sorted(labels)).encode())


def crc_of(stored: StoredNode) -> int:
    """One number for a node: its states, its pictures, its action."""
    crc = zlib.crc32(np.ascontiguousarray(stored.action).tobytes())
    for packed in (stored.world, stored.policy, stored.control):
        for name in sorted(packed.arrays):
            crc = zlib.crc32(np.ascontiguousarray(packed.arrays[name]).tobytes(), crc)
    for name in sorted(stored.observation.frames):
        crc = zlib.crc32(np.ascontiguousarray(stored.observation.frames[name]).tobytes(), crc)
    return crc


def live(folder: Path, pipe: int, phase: str, seed: int) -> None:
    """Drive a session until killed, or until the phase is over; every fourth one waits for the disk meanwhile."""

    def say(*line: object) -> None:
        os.write(pipe, (json.dumps(line) + "\n").encode())

    if phase == "opening":
        say("phase")
    recorder, chance = Recorder(folder, sync=seed % 4 == 0), random.Random(seed)
    sink = Announcing(recorder, say)
    session = Session(
        ToyWorld(), ToyPolicy(), Endless(), sink=sink, archive=recorder.archive, seed=seed,
        settings=Settings(device="scripted"), memory=100_000,
    )  # fmt: skip

    def acknowledge() -> None:
        if recorder.flush():
            say("recorded", recorder.recorded, sink.label_changes)

    acknowledge()
    if phase not in ("opening", "close", "compaction"):
        say("phase")
    for number, _ in enumerate(_doings(session, chance, phase)):
        if number % 3 == 0:
            acknowledge()
        else:
            say("recorded", recorder.recorded, 0)
    acknowledge()
    if phase == "opening":
        say("end")
        return
    if phase == "close":
        say("phase")
    recorder.close()
    if phase == "compaction":
        say("phase")
        for _ in compacting(folder, sync=seed % 4 == 0):
            pass
    say("end")


def _doings(session: Session, chance: random.Random, phase: str) -> Iterator[None]:
    """What an operator does, with a stress on the phase."""
    for number in range(ROUNDS[phase]):
        if phase == "undo":
            _label(session, chance)
        elif phase == "fork" or number % 5 == 4:
            branch = chance.choice(list(session.tree.branches.values()))
            session.apply(v.RollBack(branch.id, chance.randint(0, branch.length)))
        if phase != "undo" or number % 8 == 0:
            _steps(session, chance, 3 if phase == "fork" else 12)
        if number % 7 == 6:
            session.apply(v.NewEpisode())
        yield


def _steps(session: Session, chance: random.Random, count: int) -> None:
    by_hand = chance.random() < 0.4
    session.apply(v.TakeOver() if by_hand else v.Run())
    left = ArmReading(linear=np.array([chance.uniform(-1, 1), chance.uniform(-1, 1), 0.0]), angular=np.zeros(3))
    for _ in range(count):
        if session.wants_step:
            session.tick(DeviceReading("scripted", "rate", 0.0, left=left))
    if session.phase != "PAUSED":  # by a success
        session.apply(v.Pause())


def _label(session: Session, chance: random.Random) -> None:
    verbs: list[v.Verb] = [
        v.Mark("failure", "slips"), v.Rename(f"try {chance.randint(0, 99)}"), v.SetReview("accepted"), v.BranchHere(),
        v.Discard(), v.Undo(), v.Undo(), v.Redo(), v.SetOutcome("failure"), v.SetNote(f"note {chance.randint(0, 99)}"),
        v.SetPinned(chance.random() < 0.5), v.Propose(), v.JumpInHistory(0),
    ]  # fmt: skip
    try:
        session.apply(chance.choice(verbs))
    except IllegalVerb:  # nothing to undo, nothing to propose
        session.apply(v.Rename(f"again {chance.randint(0, 99)}"))
