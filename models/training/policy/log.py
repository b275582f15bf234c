"""What a training says while it runs: means of its losses and results of validations, as values and in a file."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.training.policy import curves

REPORT_EVERY = 50
"""Steps."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training is."""

    step: int
    """Steps taken."""
    steps: int
    """Steps in all."""
    event: Literal["losses", "validation"]
    figures: Mapping[str, float]
    """Losses: means since the last report. Validation: results of the averaged network on held-out episodes."""
    phase: str = ""
    """Which part of the network learns."""
    milliseconds: float = 0.0
    """Of one step."""
    minutes_left: float = 0.0
    """In this phase."""

    def words(self) -> str:
        """One line."""
        if self.event == "validation":
            results = ", ".join(f"{name} {value:.3f}" for name, value in self.figures.items() if name != "loss")
            return f"step {self.step}, validation: loss {self.figures['loss']:.4f}, {results}"
        losses = " ".join(f"{name} {value:.4f}" for name, value in self.figures.items())
        left = f"{self.milliseconds:.0f} ms, phase: {self.minutes_left:.0f} min left"
        return f"step {self.step}/{self.steps} ({self.phase}) {losses} {left}"


Report = Callable[[Progress], None]


class Log:
    """Means of the losses, reported and in the history; drops what a resume will do again."""

    def __init__(self, path: Path, step: int, steps: int, report: Report) -> None:
        """Go on with a history.

        Args:
            path: history.jsonl.
            step: Of the checkpoint; later rows are dropped.
            steps: Of the training in all.
            report: Called with every new row.
        """
        self.path, self.report, self._steps = path, report, steps
        curves.rewrite(self.path, curves.read(self.path, step))
        self._sums: dict[str, float] = {}
        self._since = (time.monotonic(), step)

    def add(self, step: int, end: int, phase: str, losses: Mapping[str, float]) -> None:
        """One step was taken; `end` is the last one of its phase."""
        self._sums = {name: self._sums.get(name, 0.0) + value for name, value in losses.items()}
        if step % REPORT_EVERY and step != end:
            return
        began, first = self._since
        seconds, taken = time.monotonic() - began, step - first
        row = {name: value / taken for name, value in self._sums.items()}
        curves.append(self.path, {"step": float(step), **row})
        left = (end - step) * seconds / taken / 60
        self.report(Progress(step, self._steps, "losses", row, phase, seconds / taken * 1e3, left))
        self._sums, self._since = {}, (time.monotonic(), step)

    def figures(self, step: int, figures: Mapping[str, float]) -> None:
        """Results of a validation."""
        self.report(Progress(step, self._steps, "validation", figures))
        curves.append(self.path, {"step": float(step), **figures})
        self._since = (time.monotonic(), step)
