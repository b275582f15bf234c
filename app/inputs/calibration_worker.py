"""A calibration on a separate thread: the window shows its instructions and forwards the operator's buttons."""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError
from devices.leader.calibrating import Step

TITLES: Final[Mapping[Step, str]] = {
    Step.SWEEP: "Sweep every joint",
    Step.CENTRE: "Hold the centre pose",
    Step.DIRECTIONS: "Show the directions",
    Step.FORWARD: "Push it forward",
}
LOOK_S = 0.05
"""Between two frames of the motors, seconds."""


class Run(Protocol):
    """devices.leader.run.CalibrationRun, as far as it is used here."""

    @property
    def done(self) -> bool:
        """Whether it can be saved."""

    @property
    def instruction(self) -> str:
        """What the operator does now."""

    @property
    def step(self) -> Step:
        """What the operator does now."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order, without the end."""

    @property
    def progress(self) -> Mapping[str, float]:
        """Degrees that each motor was swept."""

    def look(self) -> bool:
        """Read one frame."""

    def next(self) -> object:
        """Go on to the next step."""

    def save(self) -> Path:
        """Write the calibration."""

    def close(self) -> None:
        """Let go of the port."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Progress of a calibration, for the window."""

    instruction: str
    title: str = ""
    """Of the step, and which of how many it is."""
    progress: Mapping[str, float] = field(default_factory=dict)
    """Motor -> degrees that it was swept."""
    trouble: str = ""
    """What is missing, or what went wrong, in words."""
    saved: Path | None = None
    """The file, when all is done."""
    over: bool = False
    """Nothing more will come."""


class CalibrationWorker(QObject):
    """One run; start(), next() as often as the operator presses it, stop()."""

    shown = pyqtSignal(object)
    """A Shown, several times a second."""

    def __init__(self, begin: Callable[[], Run], parent: QObject | None = None) -> None:
        """Get ready.

        Args:
            begin: Opens the port; called on the worker's thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._begin = begin
        self._pressed: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="calibration", daemon=True)

    def start(self) -> None:
        """Open the port and begin."""
        self._thread.start()

    def next(self) -> None:
        """The operator has done what the step asks for."""
        self._pressed.put(True)

    def stop(self) -> None:
        """Let go of the port; returns when that is done. Idempotent."""
        self._pressed.put(False)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            run = self._begin()
        except StudioError as error:
            self.shown.emit(Shown("The arm could not be opened.", trouble=str(error), over=True))
            return
        try:
            self._steps(run)
        except StudioError as error:
            self.shown.emit(Shown("The calibration ended.", trouble=str(error), over=True))
        finally:
            run.close()

    def _steps(self, run: Run) -> None:
        trouble = ""
        while True:
            run.look()
            try:
                if not self._pressed.get(timeout=LOOK_S):
                    return
                trouble = ""
                run.next()
            except queue.Empty:
                pass
            except StudioError as error:
                trouble = str(error)
            if run.done:
                path = run.save()
                self.shown.emit(Shown("Done. The arm drives as soon as it is assigned.", saved=path, over=True))
                return
            progress = run.progress if run.step is Step.SWEEP else {}
            self.shown.emit(Shown(run.instruction, title_of(run.step, run.steps), progress, trouble))


def title_of(step: Step, steps: tuple[Step, ...]) -> str:
    """The step in a word or two, and which of how many it is."""
    return f"{TITLES[step]} · step {steps.index(step) + 1} of {len(steps)}" if step in steps else ""
