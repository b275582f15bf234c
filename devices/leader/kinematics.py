"""Where the tool of a leader arm is: forward kinematics by MuJoCo, from a joint table without meshes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.leader.table import ArmTable


def mjcf(table: ArmTable) -> str:
    """The arm as MJCF text: bodies, hinges and one site at the tool; masses mean nothing here."""

    def words(numbers: Sequence[float]) -> str:
        return " ".join(repr(float(number)) for number in numbers)

    inner = f'<site name="tool" pos="{words(table.tool)}"/>'
    for joint in reversed(table.joints):
        inner = (
            f'<body pos="{words(joint.position)}" quat="{words(joint.quaternion)}">'
            '<inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>'
            f'<joint name="{joint.name}" type="hinge" axis="{words(joint.axis)}"/>{inner}</body>'
        )
    base = f'<body name="base" quat="{words(table.base)}">{inner}</body>'
    return f'<mujoco model="{table.name}"><compiler angle="radian"/><worldbody>{base}</worldbody></mujoco>'


class Kinematics:
    """One arm; used by one thread at a time."""

    def __init__(self, table: ArmTable) -> None:
        import mujoco  # a second of start-up that only leader arms pay

        self._mujoco: Any = mujoco
        self._model = mujoco.MjModel.from_xml_string(mjcf(table))
        self._data = mujoco.MjData(self._model)

    def pose(self, angles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The tool in robot base axes: position (3,) metres from the arm's base, quaternion (4,) xyzw.

        Args:
            angles: (joints,) radians, from the base to the tool.
        """
        self._data.qpos[:] = angles
        self._mujoco.mj_kinematics(self._model, self._data)
        wxyz = np.zeros(4)
        self._mujoco.mju_mat2Quat(wxyz, self._data.site_xmat[0])
        return self._data.site_xpos[0].copy(), wxyz[[1, 2, 3, 0]] / np.linalg.norm(wxyz)
