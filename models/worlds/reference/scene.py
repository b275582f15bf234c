"""The MuJoCo model of bimanual Push-T, written as text from the numbers of the task and a look.

Each end effector is six joints at its tool point (three slides, then yaw, pitch, roll) with stiff position
actuators, and two coupled fingers. The T slides and turns on the table against viscous damping, so that its
motion stops within a control step: what is not in the observation (velocities) hardly matters. Gravity is off.
"""

from functools import cache
from typing import Final

import mujoco
import numpy as np

from core.camera import Camera, vertical_fov
from models.tasks.push_t import geometry as g
from models.worlds.reference.looks import Colour, Look, look

TIMESTEP: Final = 0.005
SUBSTEPS: Final = 20
DRAWN_SCALE: Final = 2
"""Pictures are drawn at twice their size and averaged: a third of the price of multisampling by software."""
ARM_JOINTS: Final = ("x", "y", "z", "yaw", "pitch", "roll")
FORCE_LIMIT: Final = 25.0
"""Newtons of each translating joint and of the fingers."""
_LEFT, _RIGHT, _BLOCK, _TABLE = 1, 2, 4, 8
_FLAT = 'contype="0" conaffinity="0"'


def _rgba(colour: Colour) -> str:
    return f'rgba="{colour[0]} {colour[1]} {colour[2]} 1"'


def _bits(own: int, others: int) -> str:
    return f'contype="{own}" conaffinity="{others}"'


def _camera_text(camera: Camera) -> str:
    _, pose = camera.calibration()
    rotation = pose[:3, :3]
    position = -rotation.T @ pose[:3, 3]
    axes = np.concatenate([rotation[0], -rotation[1]])
    numbers = " ".join(f"{v:.12g}" for v in axes)
    return (
        f'<camera name="{camera.name}" pos="{position[0]:.12g} {position[1]:.12g} {position[2]:.12g}" '
        f'xyaxes="{numbers}" fovy="{np.rad2deg(vertical_fov(camera)):.12g}"/>'
    )


def _t_text(name: str, z: float, half_height: float, grow: float, extra: str) -> str:
    """Two boxes that make a T; `grow` widens every side, metres."""
    bar = f"{g.BAR[0] / 2 + grow} {g.BAR[1] / 2 + grow} {half_height}"
    stem = f"{g.STEM[0] / 2 + grow} {g.STEM[1] / 2 + grow} {half_height}"
    return (
        f'<geom name="{name}_bar" type="box" size="{bar}" pos="{g.BAR_CENTRE[0]} {g.BAR_CENTRE[1]} {z}" {extra}/>'
        f'<geom name="{name}_stem" type="box" size="{stem}" pos="{g.STEM_CENTRE[0]} {g.STEM_CENTRE[1]} {z}" {extra}/>'
    )


def _finger_text(arm: str, side: str, sign: int, bits: str, colours: Look) -> str:
    radius, tip = g.FINGER_RADIUS, g.FINGER_RADIUS
    return f"""
      <body name="{arm}_{side}" pos="0 {sign * radius} 0">
        <inertial pos="0 0 0.03" mass="0.05" diaginertia="5e-5 5e-5 1e-5"/>
        <joint name="{arm}_{side}" type="slide" axis="0 {sign} 0" range="0 {g.MAX_GAP / 2}"/>
        <geom type="capsule" fromto="0 0 {tip} 0 0 0.062" size="{radius}" {bits} {_rgba(colours.hand)}/>
        <geom type="box" pos="0 0 0.064" size="0.011 0.010 0.009" {_FLAT} {_rgba(colours.hand)}/>
      </body>"""


def _hand_text(arm: str, own: int, others: int, accent: Colour, colours: Look) -> str:
    bits = _bits(own, others)
    return f"""
    <body name="{arm}">
      <inertial pos="0 0 0" mass="0.5" diaginertia="0.005 0.005 0.005"/>
      <joint name="{arm}_x" type="slide" axis="1 0 0"/>
      <joint name="{arm}_y" type="slide" axis="0 1 0"/>
      <joint name="{arm}_z" type="slide" axis="0 0 1"/>
      <joint name="{arm}_yaw" type="hinge" axis="0 0 1"/>
      <joint name="{arm}_pitch" type="hinge" axis="0 1 0"/>
      <joint name="{arm}_roll" type="hinge" axis="1 0 0"/>
      <geom type="capsule" fromto="0 -0.026 0.082 0 0.026 0.082" size="0.015" {bits} {_rgba(accent)}/>
      <geom type="box" pos="0.017 0 0.082" size="0.004 0.016 0.009" {_FLAT} {_rgba(colours.hand)}/>
      <geom type="cylinder" fromto="0 0 0.09 0 0 0.15" size="0.013" {_FLAT} {_rgba(colours.hand)}/>
      <geom type="cylinder" fromto="0 0 0.15 0 0 0.156" size="0.017" {_FLAT} {_rgba(accent)}/>
      {_finger_text(arm, "a", 1, bits, colours)}
      {_finger_text(arm, "b", -1, bits, colours)}
    </body>"""


def _actuator_text(arm: str) -> str:
    force = f'forcerange="-{FORCE_LIMIT} {FORCE_LIMIT}"'
    lines = [f'<position joint="{arm}_{j}" kp="3200" kv="80" {force}/>' for j in ARM_JOINTS[:3]]
    lines += [f'<position joint="{arm}_{j}" kp="40" kv="0.9" forcerange="-4 4"/>' for j in ARM_JOINTS[3:]]
    lines.append(f'<position joint="{arm}_a" kp="1500" kv="24" {force}/>')
    return "".join(lines)


def _coupling_text(arm: str) -> str:
    return f'<joint joint1="{arm}_b" joint2="{arm}_a" polycoef="0 1 0 0 0" solref="0.01 1" solimp="0.99 0.999 0.001"/>'


def _table_text(colours: Look) -> str:
    x, y = sum(g.TABLE_X) / 2, sum(g.TABLE_Y) / 2
    half = (g.TABLE_X[1] - g.TABLE_X[0]) / 2
    toys = "".join(
        f'<geom type="box" pos="{d.position[0]} {d.position[1]} {d.size[2]}" '
        f'size="{d.size[0]} {d.size[1]} {d.size[2]}" {_FLAT} {_rgba(d.colour)}/>'
        for d in colours.distractors
    )
    return f"""
    <geom name="table" type="plane" size="4 4 1" contype="{_TABLE}" conaffinity="{_LEFT | _RIGHT}" friction="0.1"
      {_rgba(colours.ground)}/>
    <geom type="box" pos="{x} {y} 0" size="{half + 0.004} {half + 0.004} 0.0004" {_FLAT} {_rgba(colours.rim)}/>
    <geom type="box" pos="{x} {y} 0" size="{half} {half} 0.0008" {_FLAT} {_rgba(colours.mat)}/>
    {toys}"""


def scene_text(name: str = "shipped") -> str:
    """The MJCF of the scene in a look."""
    colours = look(name)
    x, y, yaw = g.TARGET_POSE
    block = f"{_bits(_BLOCK, _LEFT | _RIGHT)} {_rgba(colours.block)}"
    light, ambient, diffuse = colours.light, colours.ambient, colours.diffuse
    width, height = DRAWN_SCALE * g.CAMERAS[0].width, DRAWN_SCALE * g.CAMERAS[0].height
    return f"""
<mujoco model="push_t">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="{TIMESTEP}" integrator="implicitfast" gravity="0 0 0" cone="elliptic" impratio="3"/>
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
  <worldbody>
    <light directional="true" castshadow="false" pos="0 0 2" dir="{light[0]} {light[1]} {light[2]}"
      diffuse="{diffuse} {diffuse} {diffuse}" specular="0 0 0" ambient="0 0 0"/>
    {"".join(_camera_text(camera) for camera in g.CAMERAS)}
    {_table_text(colours)}
    <body name="target" pos="{x} {y} 0" euler="0 0 {yaw}">
      {_t_text("outline", 0, 0.0012, 0.0, _FLAT + " " + _rgba(colours.outline))}
      {_t_text("target", 0, 0.0016, -0.005, _FLAT + " " + _rgba(colours.target))}
    </body>
    <body name="block">
      <inertial pos="0 0 {g.T_HEIGHT / 2}" mass="0.3" diaginertia="7.5e-4 7.5e-4 7.5e-4"/>
      <joint name="block_x" type="slide" axis="1 0 0" damping="15" frictionloss="0.2"/>
      <joint name="block_y" type="slide" axis="0 1 0" damping="15" frictionloss="0.2"/>
      <joint name="block_yaw" type="hinge" axis="0 0 1" damping="0.0375" frictionloss="0.0005"/>
      {_t_text("block", g.T_HEIGHT / 2, g.T_HEIGHT / 2, 0.0, block)}
    </body>
    {_hand_text("left", _LEFT, _RIGHT | _BLOCK | _TABLE, colours.left, colours)}
    {_hand_text("right", _RIGHT, _LEFT | _BLOCK | _TABLE, colours.right, colours)}
  </worldbody>
  <equality>{_coupling_text("left")}{_coupling_text("right")}</equality>
  <actuator>{_actuator_text("left")}{_actuator_text("right")}</actuator>
</mujoco>"""


@cache
def scene_model(name: str = "shipped") -> mujoco.MjModel:
    """The compiled model of a look. Never write to it: it is shared."""
    return mujoco.MjModel.from_xml_string(scene_text(name))
