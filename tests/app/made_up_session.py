"""A synthetic session: trees, steps and drawn pictures for tests and pictures of the widgets."""

from dataclasses import dataclass, field, replace

import numpy as np

from app.timeline.model import TimelineModel
from core.branch_tree import Branch, BranchTree, Head, Marker, Outcome
from core.events import Status, Stepped, TreeChanged
from core.observation import Observation
from core.step import Source
from core.verbs import Phase
from models.tasks.push_t.geometry import CAMERAS, HOME, T_OUTLINE, TARGET_POSE, place

SIZE = 128


def inside(polygon: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Even-odd rule for all pixels at once."""
    result = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            result ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return result


def draw(pose: tuple[float, float, float], hands: np.ndarray) -> Observation:
    """Push-T as flat shapes, through the real cameras."""
    frames = {}
    v, u = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    for camera in CAMERAS:
        frame = np.full((SIZE, SIZE, 3), (102, 107, 117), np.uint8)

        def outline(points: np.ndarray, height: float, camera=camera) -> np.ndarray:  # type: ignore[no-untyped-def]
            return camera.project(np.c_[points, np.full(len(points), height)])

        table = np.array([(0.18, -0.32), (0.18, 0.32), (0.82, 0.32), (0.82, -0.32)])
        for points, height, colour in (
            (table, 0.0, (204, 207, 212)),
            (place(T_OUTLINE, TARGET_POSE), 0.0, (128, 204, 158)),
            (place(T_OUTLINE, pose), 0.0, (170, 74, 20)),
            (place(T_OUTLINE, pose), 0.04, (245, 107, 31)),
        ):
            frame[inside(outline(points, height), u, v)] = colour
        for at, colour in zip(hands.reshape(2, 7)[:, :3], ((41, 117, 242), (184, 64, 219)), strict=True):
            x, y = camera.project(at)
            frame[(u - x) ** 2 + (v - y) ** 2 < 16] = colour
        frames[camera.name] = frame
    return Observation(frames, hands)


@dataclass
class MadeUp:
    """Feeds a TimelineModel the way a runtime would."""

    model: TimelineModel
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))
    tree: dict[int, Branch] = field(default_factory=dict)
    pictures: bool = True
    last: Observation = field(default_factory=lambda: draw((0.42, 0.08, 0.3), HOME.copy()))

    def branch(self, episode: int, parent: int | None, fork: int, kind: str, name: str = "") -> int:
        number = len(self.tree)
        self.tree[number] = Branch(number, parent, fork, fork, episode, kind, number, 17 + episode, name)  # type: ignore[arg-type]
        self.tell(number, fork)
        return number

    def tell(self, branch: int, index: int) -> None:
        self.model.tree_changed(TreeChanged(BranchTree(dict(self.tree)), Head(branch, index)))
        self.model.status(self.status(Head(branch, index)))

    def run(self, branch: int, source: Source, steps: int, dip: float = 0.0, to: float = 0.6) -> None:
        at = self.tree[branch]
        start, before = at.length, self.model.progress(branch, at.length)
        before = 0.15 if np.isnan(before) else before
        for i in range(start, start + steps):
            part = (i - start + 1) / steps
            progress = before + (to - before) * part + 0.02 * self.rng.standard_normal()
            trust = 0.92 - dip * np.exp(-(((part - 0.7) / 0.15) ** 2)) + 0.03 * self.rng.standard_normal()
            if self.pictures:
                hands = HOME.copy()
                hands[[0, 7]] += 0.15 * np.sin(i / 14.0 + branch) + 0.05
                hands[[1, 8]] += 0.06 * np.cos(i / 9.0 + branch)
                x = 0.42 + 0.1 * progress
                self.last = draw((x, 0.08 * (1 - progress), 0.3 + 0.5 * progress + 0.2 * np.sin(branch)), hands)
            self.model.stepped(
                Stepped(
                    branch, i, source, float(np.clip(trust, 0, 1)), float(np.clip(progress, 0, 1)), False, self.last
                )
            )
        self.tree[branch] = replace(at, length=start + steps)

    def finish(self, branch: int, outcome: Outcome, note: str = "") -> None:
        at = self.tree[branch]
        kind = "failure" if outcome == "failure" else "success"
        markers = (*at.markers, Marker(at.length, kind)) if outcome != "timeout" else at.markers  # type: ignore[arg-type]
        if note:
            markers = (*markers, Marker((at.fork_step + at.length) // 2, "note", note))
        self.tree[branch] = replace(at, outcome=outcome, markers=markers)
        self.tell(branch, at.length)

    def status(self, head: Head, phase: Phase = "PAUSED", **values: object) -> Status:
        made = Status(
            phase=phase, head=head, observation=self.last, trust=0.87, progress=0.62, success=False,
            driver="policy", device="keyboard", device_connected=True, world_time=head.index * 0.1, rate_hz=10.0,
            step_ms=8.1, speed=1.0, freeze_on_idle=True, frozen=False, clutch=(True, True),
            limit_hits=(False, False), recorded=sum(b.length - b.fork_step for b in self.tree.values()),
        )  # fmt: skip
        return replace(made, **values)  # type: ignore[arg-type]


def three_failures(model: TimelineModel, *, pictures: bool = True) -> MadeUp:
    """Two episodes, three failures, a dozen branches, dips of trust, a discarded one."""
    made = MadeUp(model, pictures=pictures)
    first = made.branch(0, None, 0, "rollout")
    made.run(first, "policy", 120, to=0.8)
    made.finish(first, "success")
    trunk = made.branch(1, None, 0, "rollout")
    made.run(trunk, "policy", 180, dip=0.5, to=0.42)
    made.finish(trunk, "failure", "slips off the corner")
    a1 = made.branch(1, trunk, 120, "correction", "around the left")
    made.run(a1, "operator", 46, to=0.7)
    made.run(a1, "policy", 60, to=0.93)
    made.finish(a1, "success")
    made.tree[a1] = replace(made.tree[a1], review="accepted")
    a2 = made.branch(1, trunk, 120, "correction", "both hands at once, slowly")
    made.run(a2, "operator", 70, dip=0.35, to=0.5)
    made.run(a2, "policy", 64, dip=0.75, to=0.3)
    made.finish(a2, "failure")
    a3 = made.branch(1, a2, 150, "correction")
    made.run(a3, "operator", 90, to=0.95)
    made.finish(a3, "success")
    a4 = made.branch(1, trunk, 120, "correction", "fumbled")
    made.run(a4, "operator", 18, to=0.3)
    made.tree[a4] = replace(made.tree[a4], discarded=True)
    a5 = made.branch(1, a1, 120, "replay")
    made.run(a5, "replay", 106, to=0.93)
    made.finish(a5, "success")
    for fork, steps, outcome in ((60, 40, "timeout"), (90, 110, "success"), (132, 75, "failure"), (150, 80, "success")):
        b = made.branch(1, trunk, fork, "correction")
        made.run(b, "operator", steps // 2, dip=0.2, to=0.6)
        made.run(b, "policy", steps - steps // 2, dip=0.4, to=0.9 if outcome == "success" else 0.4)
        made.finish(b, outcome)  # type: ignore[arg-type]
    live = made.branch(1, trunk, 141, "correction")
    made.run(live, "operator", 37, to=0.62)
    made.tell(live, 178)
    return made
