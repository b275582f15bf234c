"""The T and its drawn target, as objects of the reference world.

The T slides and turns on the table against viscous damping, so that its motion stops within a control step: what is
not in the observation (velocities) hardly matters.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.task import Scene
from models.tasks.push_t import geometry as g
from models.worlds.reference.looks import Look
from models.worlds.reference.objects import DRAWN_ONLY, LEFT, OBJECT, RIGHT, ObjectText, bits, rgba
from models.worlds.reference.world import scene_numbers

JOINTS = 3
"""x, y, yaw."""


def _t_text(name: str, z: float, half_height: float, grow: float, extra: str) -> str:
    """Two boxes that make a T; `grow` widens every side, metres."""
    bar = f"{g.BAR[0] / 2 + grow} {g.BAR[1] / 2 + grow} {half_height}"
    stem = f"{g.STEM[0] / 2 + grow} {g.STEM[1] / 2 + grow} {half_height}"
    return (
        f'<geom name="{name}_bar" type="box" size="{bar}" pos="{g.BAR_CENTRE[0]} {g.BAR_CENTRE[1]} {z}" {extra}/>'
        f'<geom name="{name}_stem" type="box" size="{stem}" pos="{g.STEM_CENTRE[0]} {g.STEM_CENTRE[1]} {z}" {extra}/>'
    )


class TBlock:
    """The T, in any workcell."""

    task = g.TASK
    parameters = ("object_pose",)

    def text(self, look: Look) -> ObjectText:
        """Target and T."""
        x, y, yaw = g.TARGET_POSE
        block = f"{bits(OBJECT, LEFT | RIGHT)} {rgba(look.block)}"
        return ObjectText(f"""
    <body name="target" pos="{x} {y} 0" euler="0 0 {yaw}">
      {_t_text("outline", 0, 0.0012, 0.0, DRAWN_ONLY + " " + rgba(look.outline))}
      {_t_text("target", 0, 0.0016, -0.005, DRAWN_ONLY + " " + rgba(look.target))}
    </body>
    <body name="block">
      <inertial pos="0 0 {g.T_HEIGHT / 2}" mass="0.3" diaginertia="7.5e-4 7.5e-4 7.5e-4"/>
      <joint name="block_x" type="slide" axis="1 0 0" damping="15" frictionloss="0.2"/>
      <joint name="block_y" type="slide" axis="0 1 0" damping="15" frictionloss="0.2"/>
      <joint name="block_yaw" type="hinge" axis="0 0 1" damping="0.0375" frictionloss="0.0005"/>
      {_t_text("block", g.T_HEIGHT / 2, g.T_HEIGHT / 2, 0.0, block)}
    </body>""")

    def joints(self, start: Scene) -> NDArray[np.float64]:
        """The planar pose (3,) of the T: x m, y m, yaw rad.

        Raises:
            BadConfig: the scene lacks it, or it does not fit.
        """
        return scene_numbers(start, "object_pose", JOINTS)

    def truth(self, joints: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
        """object_pose (3,): x m, y m, yaw rad in -pi .. pi."""
        pose = joints[:JOINTS].copy()
        pose[2] = (pose[2] + np.pi) % (2 * np.pi) - np.pi
        return {"object_pose": pose}


@cache
def load() -> TBlock:
    """The one T: scenes of the same objects share their compiled models."""
    return TBlock()
