"""The planning of the scripted operator: from pictures and measured hands to the targets of the hands.

Without a device (collecting demonstrations, batches)::

    operator = DirectOperator()
    action = operator.targets(observation.frames, observation.ee_state)   # (14,), inside the limits

One DirectOperator an episode; `operator.finished` is true once the T is on its target and both hands are home.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.perception import Detection, find_t
from models.tasks.push_t.planner import Style, lies_well, plan

PATIENCE: Final = 10
"""Observations for which the last known pose of a T that is not seen is kept."""
_HOME_SLACK: Final = np.array([0.01, 0.01, 0.01, 0.05, 0.05, 0.05, 0.05] * 2)


class DirectOperator:
    """Perception and plan of one episode; its only memory is the last detection of the T."""

    def __init__(self, style: Style | None = None, workcell: Workcell = g.WORKCELL) -> None:
        """Begin an episode; the workcell is that of the pictures."""
        self.style, self._workcell = style or Style(), workcell
        self.detection: Detection | None = None
        self.finished = False
        self._unseen = 0

    def targets(self, frames: Mapping[str, NDArray[np.uint8]], ee_state: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next end-effector targets (14,) from pictures (H, W, 3) and the measured end effectors (14,)."""
        prior = None if self.detection is None else self.detection.pose
        seen = find_t(frames, ee_state, prior, self._workcell)
        self._unseen = 0 if seen is not None else self._unseen + 1
        if seen is not None or self._unseen > PATIENCE:
            self.detection = seen
        pose = None if self.detection is None else self.detection.pose
        home = bool((np.abs(ee_state - g.HOME) < _HOME_SLACK).all())
        self.finished = pose is not None and home and lies_well(pose, closed=False)
        return plan(pose, ee_state, self.style)
