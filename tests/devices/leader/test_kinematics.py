"""Poses by hand for two joints, published or derived ones for the arms that ship."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.errors import UnknownName
from devices.leader.kinematics import Kinematics, mjcf
from devices.leader.table import ARMS, ArmTable, Joint, arm_table, arm_tables

TWO = ArmTable(
    "two", "two joints", "feetech", 1000000, "this test", "MIT", "", "straight",
    joints=(
        Joint("turn", 1, (0.0, 0.0, 0.1), -3.0, 3.0),
        Joint("lift", 2, (0.2, 0.0, 0.0), -3.0, 3.0, axis=(0.0, 1.0, 0.0)),
    ),
    tool=(0.3, 0.0, 0.0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("turn", "lift", "position"),
    [
        (0.0, 0.0, (0.5, 0.0, 0.1)),
        (np.pi / 2, 0.0, (0.0, 0.5, 0.1)),
        (0.0, np.pi / 2, (0.2, 0.0, -0.2)),
        (np.pi / 2, -np.pi / 2, (0.0, 0.2, 0.4)),
        (np.pi, np.pi / 6, (-0.2 - 0.3 * np.cos(np.pi / 6), 0.0, 0.1 - 0.15)),
    ],
)
def test_two_joints_by_hand(turn: float, lift: float, position: tuple[float, float, float]) -> None:
    found, orientation = Kinematics(TWO).pose(np.array([turn, lift]))
    assert np.allclose(found, position, atol=1e-12)
    wanted = Rotation.from_rotvec([0, 0, turn]) * Rotation.from_rotvec([0, lift, 0])
    assert np.allclose((Rotation.from_quat(orientation) * wanted.inv()).magnitude(), 0.0, atol=1e-9)


def chain(table: ArmTable, angles: np.ndarray) -> tuple[np.ndarray, Rotation]:
    """The same pose from rotations alone, without MuJoCo."""

    def rotation(wxyz: tuple[float, ...]) -> Rotation:
        return Rotation.from_quat(np.asarray(wxyz)[[1, 2, 3, 0]])

    where, turned = np.zeros(3), rotation(table.base)
    for joint, angle in zip(table.joints, angles, strict=True):
        where = where + turned.apply(joint.position)
        turned = turned * rotation(joint.quaternion) * Rotation.from_rotvec(np.asarray(joint.axis) * angle)
    return where + turned.apply(table.tool), turned


@pytest.mark.parametrize("name", sorted(arm_tables()))
def test_every_arm_agrees_with_its_chain_of_rotations(name: str) -> None:
    table = arm_table(name)
    kinematics, random = Kinematics(table), np.random.default_rng(1)
    for _ in range(20):
        angles = np.array([random.uniform(joint.low, joint.high) for joint in table.joints])
        position, orientation = kinematics.pose(angles)
        wanted, turned = chain(table, angles)
        assert np.allclose(position, wanted, atol=1e-9)
        assert (Rotation.from_quat(orientation) * turned.inv()).magnitude() < 1e-6


def test_the_so101_in_its_middle_pose() -> None:
    """The gripper frame of the published model at zero, and at a quarter of a turn of the base."""
    kinematics = Kinematics(arm_table("so101"))
    position, _ = kinematics.pose(np.zeros(5))
    assert np.allclose(position, [0.3914, 0.0, 0.2265], atol=2e-4)
    turned, _ = kinematics.pose(np.array([np.pi / 2, 0, 0, 0, 0]))
    reach = 0.3914 - 0.0388353  # from the axis of the base
    assert np.allclose(turned, [0.0388353, -reach, 0.2265], atol=2e-4)


def test_the_so101_forearm_by_hand() -> None:
    """Upright upper arm (112.57 up, 28 ahead), level forearm (134.9 ahead, 5.2 down), then 61.1 + 98.1 mm ahead.

    The published wrist is rolled by 2.8 degrees, which is why millimetres remain.
    """
    position, _ = Kinematics(arm_table("so101")).pose(np.zeros(5))
    up = 0.0624 + 0.0542 + 0.11257 - 0.0052
    forward = 0.0388353 + 0.0303992 + 0.028 + 0.1349 + 0.0611 + 0.0981274
    assert np.allclose(position[[0, 2]], [forward, up], atol=0.003)


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("wx250s", (0.04975 + 0.175 + 0.075 + 0.065 + 0.043, 0.0, 0.072 + 0.03865 + 0.25)),
        ("vx300s", (0.05955 + 0.2 + 0.1 + 0.069744 + 0.042825, 0.0, 0.079 + 0.04805 + 0.3)),
    ],
)
def test_interbotix_arms_at_zero(name: str, position: tuple[float, float, float]) -> None:
    found, orientation = Kinematics(arm_table(name)).pose(np.zeros(6))
    assert np.allclose(found, position, atol=1e-9)
    assert np.allclose(orientation, [0, 0, 0, 1])


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("gello_fr3", (0.0825 + 0.384 + 0.088, 0.0, 0.333 + 0.316 + 0.0825 - 0.107)),  # the home key of its model
        ("gello_xarm7", (0.206, 0.0, 0.1205)),  # as UFACTORY's manual gives the zero pose
    ],
)
def test_the_flange_of_a_gello_is_where_its_robot_s_is(name: str, position: tuple[float, float, float]) -> None:
    table = arm_table(name)
    found, orientation = Kinematics(table).pose(np.array([joint.pose for joint in table.joints]))
    assert np.allclose(found, position, atol=1e-6)
    assert np.allclose(Rotation.from_quat(orientation).apply([0, 0, 1]), [0, 0, -1], atol=1e-6), "it faces down"


def test_a_gello_rests_in_the_home_pose_of_its_robot() -> None:
    """Franka's flange at home is 0.5545 m ahead and 0.7315 m up, its hand straight down."""
    table = arm_table("gello_panda")
    position, _ = Kinematics(table).pose(np.array([joint.pose for joint in table.joints]))
    assert np.allclose(position, [0.5545, 0.0, 0.7315 - 0.1654], atol=1e-4)


@pytest.mark.parametrize("name", sorted(arm_tables()))
def test_every_arm_reaches_forward_in_its_centre_pose(name: str) -> None:
    """The base frame of a table is the robot's: X forward."""
    table = arm_table(name)
    position, _ = Kinematics(table).pose(np.array([joint.pose for joint in table.joints]))
    assert position[0] > 0.15
    assert abs(position[1]) < 0.15
    assert position[2] > 0.0


@pytest.mark.parametrize("name", sorted(arm_tables()))
def test_every_table_names_its_source_and_brings_its_licence(name: str) -> None:
    table = arm_table(name)
    assert "commit" in table.source
    text = (ARMS / table.licence_file).read_text(encoding="utf-8")
    assert "Apache License" in text or "Redistribution and use" in text
    assert "LICENSE-ALOHA" not in table.source or "Tony Z. Zhao" in (ARMS / "LICENSE-ALOHA-MIT.txt").read_text()
    assert len(set(table.motors.values())) == len(table.motors)
    assert all(joint.low < joint.high for joint in table.joints)


def test_koch_words_for_directions_are_those_of_the_model() -> None:
    table = arm_table("koch")
    kinematics = Kinematics(table)
    home, _ = kinematics.pose(np.zeros(5))
    moved = {joint.name: kinematics.pose(0.2 * np.eye(5)[at])[0] - home for at, joint in enumerate(table.joints)}
    assert moved["shoulder_pan"][1] < 0  # to the right
    assert moved["shoulder_lift"][0] < 0  # back
    assert moved["elbow_flex"][2] < 0  # lower
    assert moved["wrist_flex"][2] > 0  # raise


def test_an_unknown_arm() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'so101'"):
        arm_table("so110")


def test_the_generated_model_has_no_meshes() -> None:
    assert "mesh" not in mjcf(arm_table("so101"))
