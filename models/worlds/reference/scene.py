"""The MuJoCo model of a workcell with the objects of a task on its table, written as text.

Each end effector is six joints at its tool point (three slides, then yaw, pitch, roll) with stiff position
actuators, and two coupled fingers. Without gravity, unless the objects need it.
"""

from functools import cache
from typing import Final

import mujoco
import numpy as np

from core.camera import Camera, require_calibrated, vertical_fov
from core.errors import BadConfig
from core.workcell import Arm, Workcell
from models.worlds.reference.looks import Look, look
from models.worlds.reference.objects import DRAWN_ONLY, LEFT, OBJECT, RIGHT, TABLE, SceneObject, bits, rgba

TIMESTEP: Final = 0.005
"""Seconds of a physics step, about: a control step is a whole number of them."""
DRAWN_SCALE: Final = 2
"""Pictures are drawn at twice their size and averaged: a third of the price of multisampling by software."""
ARM_JOINTS: Final = ("x", "y", "z", "yaw", "pitch", "roll")
FORCE_LIMIT: Final = 25.0
"""Newtons of each translating joint and of the fingers."""
_OWN: Final = {"left": LEFT, "right": RIGHT}
_OFF_CENTRE: Final = 0.51
"""Pixels by which the optical axis of a camera may miss the middle of its picture."""


def substeps(workcell: Workcell) -> int:
    """Physics steps of one control step."""
    return max(1, round(workcell.dt / TIMESTEP))


def _camera_text(camera: Camera) -> str:
    intrinsics, pose = camera.calibration()
    middle = (camera.width - 1) / 2, (camera.height - 1) / 2
    off = max(abs(intrinsics[0, 2] - middle[0]), abs(intrinsics[1, 2] - middle[1]))
    if off > _OFF_CENTRE or abs(intrinsics[0, 0] / intrinsics[1, 1] - 1) > 0.01:
        raise BadConfig(
            f"The reference world draws square pixels round the optical axis, and the camera {camera.name!r} has "
            "others. Give its calibration as at, to, up and fov."
        )
    rotation = pose[:3, :3]
    position = -rotation.T @ pose[:3, 3]
    axes = np.concatenate([rotation[0], -rotation[1]])
    numbers = " ".join(f"{v:.12g}" for v in axes)
    return (
        f'<camera name="{camera.name}" pos="{position[0]:.12g} {position[1]:.12g} {position[2]:.12g}" '
        f'xyaxes="{numbers}" fovy="{np.rad2deg(vertical_fov(camera)):.12g}"/>'
    )


def _finger_text(arm: Arm, side: str, sign: int, collides: str, colours: Look) -> str:
    radius, gripper, name = arm.gripper.finger_radius, arm.gripper, arm.side
    return f"""
      <body name="{name}_{side}" pos="0 {sign * radius} 0">
        <inertial pos="0 0 0.03" mass="0.05" diaginertia="5e-5 5e-5 1e-5"/>
        <joint name="{name}_{side}" type="slide" axis="0 {sign} 0" range="{gripper.closed / 2} {gripper.opened / 2}"/>
        <geom type="capsule" fromto="0 0 {radius} 0 0 0.062" size="{radius}" {collides} {rgba(colours.hand)}/>
        <geom type="box" pos="0 0 0.064" size="0.011 0.010 0.009" {DRAWN_ONLY} {rgba(colours.hand)}/>
      </body>"""


def _hand_text(arm: Arm, colours: Look) -> str:
    name, own = arm.side, _OWN[arm.side]
    collides = bits(own, (LEFT | RIGHT) - own | OBJECT | TABLE)
    accent = colours.left if name == "left" else colours.right
    return f"""
    <body name="{name}">
      <inertial pos="0 0 0" mass="0.5" diaginertia="0.005 0.005 0.005"/>
      <joint name="{name}_x" type="slide" axis="1 0 0"/>
      <joint name="{name}_y" type="slide" axis="0 1 0"/>
      <joint name="{name}_z" type="slide" axis="0 0 1"/>
      <joint name="{name}_yaw" type="hinge" axis="0 0 1"/>
      <joint name="{name}_pitch" type="hinge" axis="0 1 0"/>
      <joint name="{name}_roll" type="hinge" axis="1 0 0"/>
      <geom type="capsule" fromto="0 -0.026 0.082 0 0.026 0.082" size="0.015" {collides} {rgba(accent)}/>
      <geom type="box" pos="0.017 0 0.082" size="0.004 0.016 0.009" {DRAWN_ONLY} {rgba(colours.hand)}/>
      <geom type="cylinder" fromto="0 0 0.09 0 0 0.15" size="0.013" {DRAWN_ONLY} {rgba(colours.hand)}/>
      <geom type="cylinder" fromto="0 0 0.15 0 0 0.156" size="0.017" {DRAWN_ONLY} {rgba(accent)}/>
      {_finger_text(arm, "a", 1, collides, colours)}
      {_finger_text(arm, "b", -1, collides, colours)}
    </body>"""


def _actuator_text(arm: str) -> str:
    force = f'forcerange="-{FORCE_LIMIT} {FORCE_LIMIT}"'
    lines = [f'<position joint="{arm}_{j}" kp="3200" kv="80" {force}/>' for j in ARM_JOINTS[:3]]
    lines += [f'<position joint="{arm}_{j}" kp="40" kv="0.9" forcerange="-4 4"/>' for j in ARM_JOINTS[3:]]
    lines.append(f'<position joint="{arm}_a" kp="1500" kv="24" {force}/>')
    return "".join(lines)


def _coupling_text(arm: str) -> str:
    return f'<joint joint1="{arm}_b" joint2="{arm}_a" polycoef="0 1 0 0 0" solref="0.01 1" solimp="0.99 0.999 0.001"/>'


def _table_text(workcell: Workcell, colours: Look) -> str:
    table = workcell.surface
    x, y = table.centre
    half_x, half_y = (table.x[1] - table.x[0]) / 2, (table.y[1] - table.y[0]) / 2
    blocks = "".join(
        f'<geom type="box" pos="{d.position[0]} {d.position[1]} {d.size[2]}" '
        f'size="{d.size[0]} {d.size[1]} {d.size[2]}" {DRAWN_ONLY} {rgba(d.colour)}/>'
        for d in colours.distractors
    )
    rim, mat = rgba(colours.rim), rgba(colours.mat)
    return f"""
    <geom name="table" type="plane" size="4 4 1" {bits(TABLE, LEFT | RIGHT)} friction="0.1" {rgba(colours.ground)}/>
    <geom type="box" pos="{x} {y} 0" size="{half_x + 0.004} {half_y + 0.004} 0.0004" {DRAWN_ONLY} {rim}/>
    <geom type="box" pos="{x} {y} 0" size="{half_x} {half_y} 0.0008" {DRAWN_ONLY} {mat}/>
    {blocks}"""


def scene_text(objects: SceneObject, workcell: Workcell, name: str = "shipped") -> str:
    """The MJCF of a workcell and the objects of a task in a look.

    Raises:
        BadConfig: a camera is not calibrated, or cannot be drawn.
    """
    require_calibrated(workcell.cameras, "The reference world")
    colours = look(name)
    added = objects.text(colours)
    light, ambient, diffuse = colours.light, colours.ambient, colours.diffuse
    width, height = (DRAWN_SCALE * max(getattr(c, side) for c in workcell.cameras) for side in ("width", "height"))
    sides = [arm.side for arm in workcell.arms]
    return f"""
<mujoco model="{objects.task}">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="{workcell.dt / substeps(workcell)}" integrator="implicitfast" gravity="0 0 {added.gravity}"
    cone="elliptic" impratio="3"/>
  <statistic center="0.5 0 0" extent="1"/>
  <visual>
    <global offwidth="{width}" offheight="{height}"/>
    <quality offsamples="0" numslices="16" numstacks="8" shadowsize="0"/>
    <headlight ambient="{ambient} {ambient} {ambient}" diffuse="0 0 0" specular="0 0 0"/>
    <map znear="0.1" zfar="6"/>
  </visual>
  <default>
    <geom friction="0.4" solref="0.01 1" solimp="0.95 0.99 0.001" condim="3"/>
  </default>
  <asset>{added.assets}</asset>
  <worldbody>
    <light directional="true" castshadow="false" pos="0 0 2" dir="{light[0]} {light[1]} {light[2]}"
      diffuse="{diffuse} {diffuse} {diffuse}" specular="0 0 0" ambient="0 0 0"/>
    {"".join(_camera_text(camera) for camera in workcell.cameras)}
    {_table_text(workcell, colours)}
    {added.world}
    {"".join(_hand_text(arm, colours) for arm in workcell.arms)}
  </worldbody>
  <deformable>{added.deformable}</deformable>
  <contact>{added.contact}</contact>
  <equality>{"".join(_coupling_text(side) for side in sides)}{added.equality}</equality>
  <actuator>{"".join(_actuator_text(side) for side in sides)}</actuator>
</mujoco>"""


@cache
def scene_model(objects: SceneObject, workcell: Workcell, name: str = "shipped") -> mujoco.MjModel:
    """The compiled model of a look. Never write to it: it is shared."""
    return mujoco.MjModel.from_xml_string(scene_text(objects, workcell, name))
