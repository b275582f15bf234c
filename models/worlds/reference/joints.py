"""Where the joints of a scene are in a state, and end effectors as joints."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import ACTION_DIM, ARMS, GRIPPER, POSITION, ROTATION, arm_slice
from core.workcell import Workcell

HAND_JOINTS: Final = 8
"""x, y, z, yaw, pitch, roll, finger a, finger b."""


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """The layout of a joint vector: first the joints of the objects, then eight for each arm that is there."""

    objects: int
    """Positions of the objects' joints."""
    workcell: Workcell

    @property
    def count(self) -> int:
        """Joint positions in all."""
        return self.objects + HAND_JOINTS * len(self.workcell.arms)

    def hand(self, arm: int) -> slice:
        """Joints of the arm at a place of the workcell's arms."""
        return slice(self.objects + arm * HAND_JOINTS, self.objects + (arm + 1) * HAND_JOINTS)

    def resting(self, objects: NDArray[np.float64], ee_state: NDArray[np.float64]) -> NDArray[np.float64]:
        """The joint vector of the objects' joints and an end-effector state (14,)."""
        joints = np.zeros(self.count)
        joints[: self.objects] = objects
        for place, arm in enumerate(self.workcell.arms):
            numbers, part = ee_state[arm_slice(ARMS.index(arm.side))], joints[self.hand(place)]
            gripper = arm.gripper
            part[0:3] = numbers[POSITION]
            part[3:6] = Rotation.from_rotvec(numbers[ROTATION]).as_euler("ZYX")
            part[6:8] = gripper.closed / 2 + numbers[GRIPPER] * (gripper.opened - gripper.closed) / 2
        return joints

    def measured(self, joints: NDArray[np.float64]) -> NDArray[np.float32]:
        """The end-effector state (14,), laid out as an action, of a joint vector; an absent arm rests at home."""
        state = np.empty(ACTION_DIM, np.float32)
        state[:] = self.workcell.home
        for place, arm in enumerate(self.workcell.arms):
            part, numbers = joints[self.hand(place)], state[arm_slice(ARMS.index(arm.side))]
            gripper = arm.gripper
            numbers[POSITION] = part[0:3]
            numbers[ROTATION] = Rotation.from_euler("ZYX", part[3:6]).as_rotvec()
            numbers[GRIPPER] = (part[6] + part[7] - gripper.closed) / (gripper.opened - gripper.closed)
        return state
