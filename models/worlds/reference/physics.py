"""One control step of bimanual Push-T: joint vectors in, joint vectors out, nothing kept between calls.

The targets of a step ramp from where the end effectors are to where they are told to be within the first
70 ms; the last 30 ms let everything settle. The ramp starts at the measured pose, so a step is a function of
state and action alone.
"""

from typing import Final

import mujoco
import numpy as np
from mujoco import rollout
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import ARM_DIM, GRIPPER, POSITION, ROTATION, arm_slice
from models.tasks.push_t import geometry as g
from models.worlds.reference.scene import SUBSTEPS

RAMP_STEPS: Final = 14
BLOCK: Final = slice(0, 3)
HAND_JOINTS: Final = 8
"""x, y, z, yaw, pitch, roll, finger a, finger b."""
NQ: Final = 3 + 2 * HAND_JOINTS
_CONTROLS: Final = 7
_RAMP = np.minimum(np.arange(1, SUBSTEPS + 1) / RAMP_STEPS, 1.0)


def hand(arm: int) -> slice:
    """Where the joints of arm 0 (left) or 1 (right) stand in the joint vector."""
    return slice(3 + arm * HAND_JOINTS, 3 + (arm + 1) * HAND_JOINTS)


def joints_of(object_pose: NDArray[np.float64], ee_state: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (19,) joint vector of a planar T pose (3,) and an end-effector state (14,)."""
    joints = np.zeros(NQ)
    joints[BLOCK] = object_pose
    for arm in range(2):
        numbers, part = ee_state[arm_slice(arm)], joints[hand(arm)]
        part[0:3] = numbers[POSITION]
        part[3:6] = Rotation.from_rotvec(numbers[ROTATION]).as_euler("ZYX")
        part[6:8] = numbers[GRIPPER] * g.MAX_GAP / 2
    return joints


def ee_state_of(joints: NDArray[np.float64]) -> NDArray[np.float32]:
    """The measured end-effector state (14,) float32, laid out as an action, of a joint vector (19,)."""
    state = np.empty(2 * ARM_DIM, np.float32)
    for arm in range(2):
        part, numbers = joints[hand(arm)], state[arm_slice(arm)]
        numbers[POSITION] = part[0:3]
        numbers[ROTATION] = Rotation.from_euler("ZYX", part[3:6]).as_rotvec()
        numbers[GRIPPER] = (part[6] + part[7]) / g.MAX_GAP
    return state


def _targets(
    joints: NDArray[np.float64], action: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Actuator targets (14,) now and at the end of the ramp, within what one step can do."""
    now, then = np.empty(2 * _CONTROLS), np.empty(2 * _CONTROLS)
    for arm in range(2):
        part, numbers = joints[hand(arm)], action[arm_slice(arm)].astype(np.float64)
        start, end = now[arm * _CONTROLS :][:_CONTROLS], then[arm * _CONTROLS :][:_CONTROLS]
        start[:] = [*part[:6], (part[6] + part[7]) / 2]
        move = numbers[POSITION] - start[:3]
        turn = Rotation.from_rotvec(numbers[ROTATION]).as_euler("ZYX") - start[3:6]
        turn = (turn + np.pi) % (2 * np.pi) - np.pi
        opening = numbers[GRIPPER] * g.MAX_GAP / 2 - start[6]
        limit = g.WORKCELL.reach.opening * g.MAX_GAP / 2
        end[:3] = start[:3] + move * min(1.0, g.WORKCELL.reach.translation / max(float(np.linalg.norm(move)), 1e-12))
        end[3:6] = start[3:6] + turn * min(1.0, g.WORKCELL.reach.turn / max(float(np.linalg.norm(turn)), 1e-12))
        end[6] = start[6] + np.clip(opening, -limit, limit)
    return now, then


class Physics:
    """Steps joint positions and velocities; the same input gives the same bits, whatever came before."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._data = mujoco.MjData(model)

    def step(self, states: NDArray[np.float64], actions: NDArray[np.float32]) -> NDArray[np.float64]:
        """States (B, 38) of 19 joint positions and velocities, actions (B, 14) -> states after 0.1 s."""
        count = len(states)
        control = np.empty((count, SUBSTEPS, 2 * _CONTROLS))
        for i in range(count):
            now, then = _targets(states[i, :NQ], actions[i])
            control[i] = now + _RAMP[:, None] * (then - now)
        full = np.concatenate([np.zeros((count, 1)), states], axis=1)
        after, _ = rollout.rollout(self._model, self._data, full, control, initial_warmstart=np.zeros((1, NQ)))
        return np.ascontiguousarray(after[:, -1, 1:])
