"""The scripted operator's planning in a separate process, whose only input is pictures and measured hands."""

import contextlib
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DeviceLost
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.planner import Style

STOP_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the operator is shown."""

    frames: Mapping[str, NDArray[np.uint8]]
    """Camera name -> (H, W, 3) RGB."""
    ee_state: NDArray[np.float32]
    """(14,) measured."""
    style: Style
    clock: float = 0.0
    """World time of the picture, seconds."""


def _think(pipe: Connection) -> None:
    """The child: one action for each sight, until None comes or the other end is gone."""
    operator = DirectOperator()
    while True:
        try:
            sight = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        if sight is None:
            return
        operator.style = sight.style
        pipe.send(operator.targets(sight.frames, sight.ee_state))


class OperatorProcess:
    """Client of the spawned process. `ask` blocks until the answer arrives; call it from one thread only."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_think, args=(other,), name="operator", daemon=True)
        self._process.start()
        other.close()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def ask(self, sight: Sight) -> NDArray[np.float32]:
        """The action (14,) for what is seen.

        Raises:
            DeviceLost: the process ended.
        """
        try:
            self._pipe.send(sight)
            action: NDArray[np.float32] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise DeviceLost(
                f"The process of the scripted operator ended ({error!r}). Choose the device again."
            ) from error
        return action

    def stop(self) -> None:
        """End the process and wait for it; idempotent."""
        with contextlib.suppress(OSError):  # it is gone already
            self._pipe.send(None)
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()
        self._pipe.close()
