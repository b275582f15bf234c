"""What a turn of the runtime's loop costs beside the model: timed from outside, nothing in the product is changed."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.runtime import Runtime

PARTS = {"world": ("step", "observe"), "policy": ("start", "act"), "task": ("judge",)}
"""Calls of the model; everything else in a turn is the loop's own work."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One control step, from its start in the loop until its events are emitted; milliseconds."""

    began: float
    """time.perf_counter(), seconds."""
    whole: float
    processor: float
    """Of the runtime's thread, whole."""
    model: float
    """World, policy and judge."""
    model_processor: float

    @property
    def overhead(self) -> float:
        """The loop's own work: reading the hand, control, tree, recorder, telling the window."""
        return self.whole - self.model

    @property
    def overhead_processor(self) -> float:
        """The same without waiting for the processor or for the interpreter's lock."""
        return self.processor - self.model_processor


@dataclass(slots=True)
class TurnClock:
    """Collects the turns in which the world was stepped. Written by the runtime's thread alone."""

    turns: list[Turn] = field(default_factory=list)
    _model: float = 0.0
    _model_processor: float = 0.0
    _steps: int = 0

    def watch(self, runtime: Runtime, world: object, policy: object, task: object) -> None:
        """Wrap the calls of one session; the runtime looks its methods up at every turn."""
        owners = {"world": world, "policy": policy, "task": task}
        for part, names in PARTS.items():
            for name in names:
                setattr(owners[part], name, self._timed(getattr(owners[part], name), is_step=name == "step"))
        setattr(runtime, "_advance", self._turn(runtime._advance))  # noqa: B010

    def _timed(self, call: Callable[..., Any], *, is_step: bool) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            began, used = time.perf_counter(), time.thread_time()
            try:
                return call(*args, **kwargs)
            finally:
                self._model += time.perf_counter() - began
                self._model_processor += time.thread_time() - used
                self._steps += is_step

        return timed

    def _turn(self, advance: Callable[[], None]) -> Callable[[], None]:
        def turn() -> None:
            self._model = self._model_processor = 0.0
            self._steps = 0
            began, used = time.perf_counter(), time.thread_time()
            advance()
            whole, processor = time.perf_counter() - began, time.thread_time() - used
            if self._steps:
                ms = (1e3 * value for value in (whole, processor, self._model, self._model_processor))
                self.turns.append(Turn(began, *ms))

        return turn
