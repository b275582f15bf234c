import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from core.action import GRIPPER, POSITION, ROTATION, ActionLimits, arm_slice
from core.control import (
    PICK_UP,
    ControlConfig,
    ControlOutput,
    ControlState,
    command,
    follow,
    reanchored,
    shaped,
    start,
)
from core.control_record import pack_control, unpack_control
from core.errors import BadAction
from core.geometry import relative_rotation, shortened, turned
from core.reading import ArmReading, DeviceReading
from core.world import PackedState

DT = 0.1
WIDE = ActionLimits(
    np.array([-10, -10, -10, -3.2, -3.2, -np.pi, 0] * 2, np.float32),
    np.array([10, 10, 10, 3.2, 3.2, np.pi, 1] * 2, np.float32),
)
TABLE = ActionLimits(
    np.array([0.2, -0.3, 0.0, -0.5, -0.5, -np.pi, 0] * 2, np.float32),
    np.array([0.8, 0.3, 0.2, 0.5, 0.5, np.pi, 1] * 2, np.float32),
)
HOME = np.array([0.4, 0.2, 0.1, 0, 0, 0, 0.5, 0.4, -0.2, 0.1, 0, 0, 0, 0.5], np.float32)
FAST = ControlConfig(max_linear_speed=1e6, max_angular_speed=1e6)
STILL = np.array([0.0, 0.0, 0.0, 1.0])

small = st.floats(-0.3, 0.3)
points = st.lists(st.tuples(small, small, small), min_size=2, max_size=8)
openings = st.floats(0.0, 1.0)


def hand(
    position: object = (0, 0, 0),
    quaternion: object = STILL,
    gripper: float | None = None,
    *,
    clutch: bool = True,
    valid: bool = True,
) -> ArmReading:
    return ArmReading(
        np.asarray(position, float), np.asarray(quaternion, float), gripper=gripper, clutch=clutch, valid=valid
    )


def reading(left: ArmReading | None, right: ArmReading | None = None, epoch: int = 0) -> DeviceReading:
    return DeviceReading("test", "position", 0.0, epoch, left, right)


def stick(linear: object = (0, 0, 0), angular: object = (0, 0, 0), gripper_rate: float = 0.0) -> DeviceReading:
    arm = ArmReading(linear=np.asarray(linear, float), angular=np.asarray(angular, float), gripper_rate=gripper_rate)
    return DeviceReading("test", "rate", 0.0, 0, arm, None)


def play(
    readings: list[DeviceReading | None],
    state: ControlState,
    config: ControlConfig = FAST,
    limits: ActionLimits = WIDE,
    dt: float = DT,
) -> list[ControlOutput]:
    out = []
    for one in readings:
        out.append(command(one, state, config, limits, dt))
        state = out[-1].state
    return out


# Rest


@given(st.tuples(small, small, small), openings, st.floats(0.0, 1.0))
def test_resting_hands_ask_for_exactly_nothing(position: tuple[float, ...], trigger: float, opening: float) -> None:
    home = HOME.copy()
    home[[6, 13]] = opening
    turned_hand = hand(position, Rotation.from_rotvec([0.3, 0.1, -0.2]).as_quat(), trigger)
    for out in play([reading(turned_hand, turned_hand)] * 4, start(home, TABLE), ControlConfig(), TABLE):
        assert out.idle
        assert not out.delta.translation.any()
        assert not out.delta.rotation.any()
        assert not out.delta.gripper.any()
        assert np.array_equal(out.action, TABLE.clip(home))
        assert out.limit_hits == (False, False)


def test_a_stick_inside_its_dead_zone_rests() -> None:
    (out,) = play([stick((0.07, -0.07, 0.0), (0.05, 0, 0))], start(HOME, TABLE), ControlConfig(), TABLE)
    assert out.idle
    assert np.array_equal(out.action, HOME)


def test_no_reading_holds_the_command_and_lets_go() -> None:
    moved = play([reading(hand()), reading(hand((0.1, 0, 0)))], start(HOME, WIDE))[-1]
    lost = command(None, moved.state, FAST, WIDE, DT)
    assert np.array_equal(lost.action, moved.action)
    assert not any(anchor.anchored for anchor in lost.state.anchors)


# Position devices: 1:1 in space


@given(points, st.integers(1, 7))
def test_the_same_motion_ends_in_the_same_place_however_often_it_is_sampled(
    path: list[tuple[float, float, float]], every: int
) -> None:
    """A slow world samples the hand more often per world second, a fast one less; the tool goes along 1:1."""
    dense = [
        np.asarray(a) + (np.asarray(b) - a) * s for a, b in itertools.pairwise(path) for s in np.arange(0, 1, 0.125)
    ]
    dense.append(np.asarray(path[-1]))
    angles = np.linspace(0.0, 1.0, len(dense))
    readings = [
        reading(hand(p, Rotation.from_rotvec([0, 0.2 * a, a]).as_quat())) for p, a in zip(dense, angles, strict=True)
    ]
    few = readings[:1] + readings[1:-1:every] + readings[-1:]
    slow, fast = (play(r, start(HOME, WIDE))[-1].state.target for r in (readings, few))
    assert np.allclose(slow, fast, atol=1e-9)
    assert np.allclose(slow[POSITION], HOME[POSITION] + np.subtract(path[-1], path[0]), atol=1e-6)


def test_translation_is_scaled_rotation_is_not() -> None:
    there = hand((0.1, 0, 0), Rotation.from_rotvec([0, 0, 0.4]).as_quat())
    out = play([reading(hand()), reading(there)], start(HOME, WIDE), replace(FAST, scale=0.5))[-1]
    assert np.allclose(out.action[:6] - HOME[:6], [0.05, 0, 0, 0, 0, 0.4], atol=1e-6)


def test_rotation_is_composed_from_the_left_in_the_base_frame() -> None:
    home = HOME.copy()
    home[ROTATION] = [0.3, 0.0, 0.0]
    there = hand((0, 0, 0), Rotation.from_rotvec([0, 0, 0.5]).as_quat())
    out = play([reading(hand()), reading(there)], start(home, WIDE))[-1]
    wanted = Rotation.from_rotvec([0, 0, 0.5]) * Rotation.from_rotvec([0.3, 0, 0])
    assert np.allclose(out.action[ROTATION], wanted.as_rotvec(), atol=1e-6)


def test_the_arms_do_not_mix() -> None:
    out = play([reading(hand(), hand()), reading(hand(), hand((0, 0.1, 0)))], start(HOME, WIDE))[-1]
    assert np.array_equal(out.action[arm_slice(0)], HOME[arm_slice(0)])
    assert np.isclose(out.action[8], HOME[8] + 0.1)


def test_a_tremble_counts_as_rest_but_moves_the_tool() -> None:
    out = play([reading(hand()), reading(hand((2e-4, 0, 0)))], start(HOME, WIDE))[-1]
    assert out.idle
    assert out.action[0] > HOME[0]


# What counts for nothing


@given(points, st.sampled_from(["pause", "clutch", "lost", "absent", "epoch", "no reading"]))
def test_motion_without_control_is_ignored(path: list[tuple[float, float, float]], how: str) -> None:
    away = {
        "pause": [],
        "clutch": [reading(hand(p, clutch=False)) for p in path],
        "lost": [reading(hand(p, valid=False)) for p in path],
        "absent": [reading(None) for _ in path],
        "epoch": [reading(hand(p), epoch=i + 1) for i, p in enumerate(path)],
        "no reading": [None for _ in path],
    }[how]
    begun = play([reading(hand()), reading(hand((0.05, 0, 0)))], start(HOME, WIDE))[-1]
    state = reanchored(begun.state) if how == "pause" else begun.state
    back = reading(hand(path[-1]), epoch=len(path) if how == "epoch" else 0)
    further = reading(hand(np.add(path[-1], (0, 0.02, 0))), epoch=back.epoch)
    *_, again, moved = play([*away, back, further], state)
    assert np.array_equal(again.action, begun.action)
    assert np.allclose(moved.action[POSITION], begun.action[POSITION] + [0, 0.02, 0], atol=1e-6)


def test_an_invalid_hand_may_hold_anything() -> None:
    out = command(reading(hand((np.nan,) * 3, valid=False)), start(HOME, WIDE), FAST, WIDE, DT)
    assert np.array_equal(out.action, HOME)


def test_a_takeover_begins_at_the_last_command() -> None:
    action = HOME + np.float32(0.01)
    state = follow(start(HOME, WIDE), action)
    assert np.array_equal(play([reading(hand((5, 5, 5), gripper=0.9))], state)[-1].action, action)


# Limits


@given(st.floats(0.01, 0.5), st.floats(0.0, 0.15))
def test_what_the_workspace_cuts_is_dropped(beyond: float, back: float) -> None:
    """Pushing past the edge and coming back by x moves the tool back by x at once."""
    edge = float(TABLE.high[0] - HOME[0])
    path = [0.0, edge + beyond, edge + beyond - back]
    outs = play([reading(hand((x, 0, 0))) for x in path], start(HOME, TABLE), FAST, TABLE)
    assert outs[1].limit_hits == (True, False)
    assert outs[1].action[0] == TABLE.high[0]
    assert np.isclose(outs[1].delta.translation[0, 0], edge + beyond), "what was asked for is recorded"
    assert np.isclose(outs[2].action[0], TABLE.high[0] - back, atol=1e-6)
    assert outs[2].limit_hits == (False, False)


def test_what_the_speed_limit_cuts_is_dropped() -> None:
    config = ControlConfig(max_linear_speed=0.5, max_angular_speed=1.0)
    fast = hand((0.3, 0.4, 0), Rotation.from_rotvec([0, 0, 1.0]).as_quat())
    outs = play([reading(hand()), reading(fast), reading(fast)], start(HOME, WIDE), config)
    assert outs[1].limit_hits == (True, False)
    assert np.allclose(outs[1].action[:6] - HOME[:6], [0.03, 0.04, 0, 0, 0, 0.1], atol=1e-6)
    assert outs[2].idle
    assert np.array_equal(outs[2].action, outs[1].action), "nothing is caught up"


def test_a_turn_stops_at_half_a_revolution_instead_of_flipping() -> None:
    quats = [Rotation.from_rotvec([0, 0, a]).as_quat() for a in np.arange(0.0, 5.0, 0.5)]
    outs = play([reading(hand(quaternion=q)) for q in quats], start(HOME, TABLE), FAST, TABLE)
    yaw = [out.action[5] for out in outs]
    assert np.allclose(yaw, np.minimum(np.arange(0.0, 5.0, 0.5), np.pi), atol=1e-5)
    assert outs[-1].limit_hits[0]


@given(st.lists(st.tuples(small, small, small, st.floats(-2, 2), openings), min_size=1, max_size=10))
def test_every_action_is_finite_and_inside_the_limits(path: list[tuple[float, ...]]) -> None:
    readings = [reading(hand(p[:3], Rotation.from_rotvec([p[3], 0, p[3]]).as_quat(), p[4])) for p in path]
    for out in play(readings, start(HOME, TABLE), ControlConfig(), TABLE):
        assert out.action.dtype == np.float32
        assert np.array_equal(TABLE.clip(out.action), out.action)


# Rate devices


@given(st.floats(0.02, 0.5), st.integers(1, 20))
def test_a_rate_is_integrated_over_the_time_of_the_world(dt: float, steps: int) -> None:
    config = ControlConfig(linear_speed=0.2, angular_speed=0.8)
    out = play([stick((1, 0, 0), (0, 0, 1))] * steps, start(HOME, WIDE), config, dt=dt)[-1]
    assert np.isclose(out.state.target[0] - HOME[0], 0.2 * dt * steps)
    turn = Rotation.from_rotvec(out.state.target[ROTATION])
    assert np.isclose((Rotation.from_rotvec([0, 0, 0.8 * dt * steps]) * turn.inv()).magnitude(), 0.0, atol=1e-6) or (
        0.8 * dt * steps > np.pi and out.limit_hits[0]
    )


@given(st.floats(-1, 1), st.floats(0, 0.3), st.floats(0, 1))
def test_dead_zone_and_curve_are_odd_monotone_and_reach_the_end(x: float, dead_zone: float, curve: float) -> None:
    config = ControlConfig(dead_zone=dead_zone, curve=curve)
    low, high, most = (shaped(np.full(3, v), config)[0] for v in (x, min(1.0, x + 0.1), 1.0))
    assert np.isclose(shaped(np.full(3, -x), config)[0], -low)
    assert low <= high + 1e-12
    assert np.isclose(most, 1.0)


def test_gripper_buttons_move_at_their_speed_and_stop_at_the_ends() -> None:
    outs = play([stick(gripper_rate=1.0)] * 4, start(HOME, WIDE), ControlConfig(gripper_speed=2.0))
    assert np.allclose([out.action[GRIPPER] for out in outs], [0.7, 0.9, 1.0, 1.0])
    assert outs[-1].limit_hits == (False, False), "an open gripper is no news"


# Gripper pick-up


@given(openings, st.lists(openings, min_size=2, max_size=12))
def test_a_gripper_never_jumps(opening: float, triggers: list[float]) -> None:
    home = HOME.copy()
    home[GRIPPER] = opening
    outs = play([reading(hand(gripper=t)) for t in triggers], start(home, WIDE))
    held = [float(home[GRIPPER])] + [float(out.state.target[GRIPPER]) for out in outs]
    moves = [0.0] + [abs(b - a) for a, b in itertools.pairwise(triggers)]
    for before, now, moved in zip(held, held[1:], moves, strict=False):
        assert abs(now - before) <= (moved + PICK_UP if moved else 0.0) + 1e-9


@given(openings, openings, openings)
def test_a_trigger_that_crossed_the_opening_drives_it(opening: float, before: float, after: float) -> None:
    opening = float(np.float32(opening))
    assume((before - opening) * (after - opening) < 0)
    home = HOME.copy()
    home[GRIPPER] = opening
    outs = play([reading(hand(gripper=t)) for t in (before, after, 0.3, 0.8)], start(home, WIDE))
    assert outs[0].action[GRIPPER] == np.float32(opening)
    assert [float(out.action[GRIPPER]) for out in outs[1:]] == pytest.approx([after, 0.3, 0.8], abs=1e-6)


def test_letting_go_of_the_clutch_holds_the_gripper_until_it_is_picked_up_again() -> None:
    states = [(0.6, True), (0.4, True), (0.0, False), (0.1, True), (0.2, True), (0.5, True), (0.9, True)]
    outs = play([reading(hand(gripper=t, clutch=c)) for t, c in states], start(HOME, WIDE))
    held = [float(out.action[GRIPPER]) for out in outs]
    assert held == pytest.approx([0.5, 0.4, 0.4, 0.4, 0.4, 0.5, 0.9], abs=1e-6)


# Bad input


@pytest.mark.parametrize(
    "bad",
    [
        reading(hand((np.nan, 0, 0))),
        reading(hand(quaternion=(0, 0, np.inf, 1))),
        reading(hand((0, 0))),
        reading(hand(gripper=np.nan)),
        stick((np.nan, 0, 0)),
        stick(gripper_rate=np.inf),
    ],
)
def test_a_torn_reading_is_named(bad: DeviceReading) -> None:
    with pytest.raises(BadAction, match="test"):
        command(bad, start(HOME, WIDE), FAST, WIDE, DT)


# Packing


@given(st.lists(st.tuples(small, small, small, openings), max_size=4), st.booleans())
def test_pack_and_unpack_are_inverse(path: list[tuple[float, ...]], clutch: bool) -> None:
    state = start(HOME, WIDE)
    for out in play([reading(hand(p[:3], gripper=p[3], clutch=clutch), None, epoch=3) for p in path], state):
        state = out.state
    packed = pack_control(state)
    again = unpack_control(PackedState({k: np.array(v) for k, v in packed.arrays.items()}))
    repacked = pack_control(again)
    assert all(packed.arrays[k].tobytes() == repacked.arrays[k].tobytes() for k in packed.arrays)
    assert again.epoch == state.epoch
    one, two = (command(reading(hand((0.2, 0, 0), gripper=0.2), epoch=3), s, FAST, WIDE, DT) for s in (state, again))
    assert np.array_equal(one.action, two.action)


def test_a_torn_control_state_is_named() -> None:
    packed = pack_control(start(HOME, WIDE))
    for broken in (
        {k: v for k, v in packed.arrays.items() if k != "target"},
        {**packed.arrays, "target": np.full(14, np.nan)},
        {**packed.arrays, "anchors": np.zeros((2, 3))},
    ):
        with pytest.raises(BadAction, match="torn"):
            unpack_control(PackedState(broken))


# Geometry


@given(st.tuples(small, small, small), st.tuples(small, small, small))
def test_relative_rotation_and_turned_are_inverse(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    then, now = Rotation.from_rotvec(first).as_quat(), Rotation.from_rotvec(second).as_quat()
    assert np.allclose(turned(np.asarray(first), relative_rotation(now, then)), second, atol=1e-9)
    assert not relative_rotation(now, now).any()


def test_turned_through_zero_and_shortened() -> None:
    assert np.allclose(turned(np.array([0, 0, 0.3]), np.array([0, 0, -0.3])), 0.0, atol=1e-12)
    same = np.array([0.0, 0.0, 0.1])
    assert shortened(same, 0.2) == (pytest.approx(same), False)
    assert shortened(same, 0.05) == (pytest.approx(same / 2), True)
