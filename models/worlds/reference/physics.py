"""One control step of a scene: joint vectors in, joint vectors out, nothing kept between calls.

The targets of a step ramp from the measured pose to the commanded one within the first 70 % of the step; in the rest
everything settles. The ramp starts at the measured pose, so a step is a function of state and action alone.
"""

from typing import Final

import mujoco
import numpy as np
from mujoco import rollout
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import ARMS, GRIPPER, POSITION, ROTATION, arm_slice
from models.worlds.reference.joints import Joints
from models.worlds.reference.scene import substeps

VERSION: Final = "1"
"""Of the arithmetic below, part of the world's identity: change it with whatever changes a step."""
RAMP_SHARE: Final = 0.7
_CONTROLS: Final = 7


def _targets(
    layout: Joints, joints: NDArray[np.float64], action: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Actuator targets (7 per arm) now and at the end of the ramp, within what one step can do."""
    arms, reach = layout.workcell.arms, layout.workcell.reach
    now, then = np.empty(len(arms) * _CONTROLS), np.empty(len(arms) * _CONTROLS)
    for place, arm in enumerate(arms):
        part, numbers = joints[layout.hand(place)], action[arm_slice(ARMS.index(arm.side))].astype(np.float64)
        start, end = now[place * _CONTROLS :][:_CONTROLS], then[place * _CONTROLS :][:_CONTROLS]
        start[:] = [*part[:6], (part[6] + part[7]) / 2]
        move = numbers[POSITION] - start[:3]
        turn = Rotation.from_rotvec(numbers[ROTATION]).as_euler("ZYX") - start[3:6]
        turn = (turn + np.pi) % (2 * np.pi) - np.pi
        gap = arm.gripper.opened - arm.gripper.closed
        opening = arm.gripper.closed / 2 + numbers[GRIPPER] * gap / 2 - start[6]
        limit = reach.opening * gap / 2
        end[:3] = start[:3] + move * min(1.0, reach.translation / max(float(np.linalg.norm(move)), 1e-12))
        end[3:6] = start[3:6] + turn * min(1.0, reach.turn / max(float(np.linalg.norm(turn)), 1e-12))
        end[6] = start[6] + np.clip(opening, -limit, limit)
    return now, then


class Physics:
    """Steps joint positions and velocities; the same input gives the same bits, whatever came before."""

    def __init__(self, model: mujoco.MjModel, layout: Joints) -> None:
        self._model, self._layout = model, layout
        self._data = mujoco.MjData(model)
        steps = substeps(layout.workcell)
        self._ramp = np.minimum(np.arange(1, steps + 1) / max(1, round(RAMP_SHARE * steps)), 1.0)

    def step(self, states: NDArray[np.float64], actions: NDArray[np.float32]) -> NDArray[np.float64]:
        """States (B, positions + velocities), actions (B, 14) -> states after one control step."""
        count, layout = len(states), self._layout
        control = np.empty((count, len(self._ramp), len(layout.workcell.arms) * _CONTROLS))
        for i in range(count):
            now, then = _targets(layout, states[i, : layout.count], actions[i])
            control[i] = now + self._ramp[:, None] * (then - now)
        full = np.concatenate([np.zeros((count, 1)), states], axis=1)
        warm = np.zeros((1, self._model.nv))
        after, _ = rollout.rollout(self._model, self._data, full, control, initial_warmstart=warm)
        return np.ascontiguousarray(after[:, -1, 1:])
