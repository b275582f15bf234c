"""The seat: what holds for every assignment is shown by property, the rest by example."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.action import ActionLimits
from core.control import ControlConfig, ControlOutput, ControlState, command, start
from core.reading import ArmReading, Device, DeviceReading
from devices.arm_switching import ClutchMode, looked, rests
from devices.combine import Assignment, device_key, driver_of, hands_wanted, merged_presses, mirrored, seated
from devices.combined_device import CombinedDevice
from devices.discovery import Discovered
from devices.keyboard.device import Keyboard
from tests.contracts.device_contract import DeviceContract
from tests.devices.scripted import Scripted

LIMITS = ActionLimits(np.full(14, -1, np.float32), np.full(14, 1, np.float32))
EXACT = ControlConfig(dead_zone=0.0, curve=0.0)
few = settings(deadline=None, max_examples=80)
numbers = st.floats(-1.0, 1.0, allow_subnormal=False)
vectors = st.tuples(numbers, numbers, numbers).map(np.array)
quaternions = (
    st.tuples(numbers, numbers, numbers, numbers)
    .filter(lambda q: np.linalg.norm(q) > 0.1)
    .map(lambda q: np.array(q) / np.linalg.norm(q))
)
poses = st.builds(ArmReading, position=vectors, orientation=quaternions, gripper=st.none() | st.floats(0, 1))
keys = st.none() | st.sampled_from(["one:a", "one:b", "two:c"])
sides = st.sampled_from(["left", "right"])
assignments = st.builds(
    Assignment, left=keys, right=keys, left_hand=sides, right_hand=sides, swap=st.booleans(), mirror=st.booleans(),
    shared=st.sampled_from(["switch", "both"]), switch=st.sampled_from(["", "one/b"]),
)  # fmt: skip


def said(
    *hands: ArmReading | None, name: str = "x", kind: str = "position", epoch: int = 1, **presses: int
) -> DeviceReading:
    left, right = (*hands, None, None)[:2]
    return DeviceReading(name, "rate" if kind == "rate" else "position", 1.0, epoch, left, right, presses)


def pushed(x: float = 0.0, y: float = 0.0, turn: float = 0.0) -> ArmReading:
    return ArmReading(linear=np.array([x, y, 0.0]), angular=np.array([0.0, 0.0, turn]))


tables = st.builds(
    lambda a, b, c, d, presses: {"one:a": said(a, b=presses), "one:b": said(b), "two:c": said(c, d)},
    poses, poses, poses, poses, st.integers(0, 5),
)  # fmt: skip


def step(seat: CombinedDevice, state: ControlState, config: ControlConfig = EXACT) -> ControlOutput:
    return command(seat.read(), state, config, LIMITS, 0.1)


def moves(out: ControlOutput) -> bool:
    return bool(out.delta.translation.any() or out.delta.rotation.any() or out.delta.gripper.any())


@few
@given(hand=poses, rate=vectors, turn=vectors)
def test_a_mirror_is_its_own_inverse(hand: ArmReading, rate: np.ndarray, turn: np.ndarray) -> None:
    whole = replace(hand, linear=rate, angular=turn)
    back = mirrored(mirrored(whole))
    for name in ("position", "orientation", "linear", "angular"):
        assert np.array_equal(getattr(back, name), getattr(whole, name))
    assert np.array_equal(mirrored(whole).linear, rate * [1, -1, 1])


@few
@given(first=poses, second=poses)
def test_a_mirror_image_of_a_motion_is_the_motion_of_the_mirror_image(first: ArmReading, second: ArmReading) -> None:
    def asked(*hands: ArmReading) -> ControlOutput:
        state = start(np.zeros(14, np.float32), LIMITS)
        for hand in hands:
            out = command(said(hand), state, EXACT, LIMITS, 0.1)
            state = out.state
        return out

    plain, image = asked(first, second), asked(mirrored(first), mirrored(second))
    assert np.allclose(image.delta.translation[0], plain.delta.translation[0] * [1, -1, 1])
    if np.linalg.norm(plain.delta.rotation[0]) < 3.0:  # at half a turn either sign is right
        assert np.allclose(image.delta.rotation[0], plain.delta.rotation[0] * [-1, 1, -1], atol=1e-6)


@few
@given(table=tables, plan=st.lists(st.tuples(assignments, st.integers(0, 1)), min_size=1, max_size=6))
def test_hands_that_rest_give_exactly_zero_for_every_assignment(
    table: dict[str, DeviceReading], plan: list[tuple[Assignment, int]]
) -> None:
    seat = CombinedDevice(lambda: table, Assignment())
    seat.connect()
    state = start(np.zeros(14, np.float32), LIMITS)
    for assignment, arm in plan:
        seat.assign(assignment)
        for change in (lambda: None, lambda: None, lambda: seat.turn_to(arm), lambda: None):  # noqa: B023
            change()
            out = step(seat, state)
            assert not moves(out)
            assert not out.action.any()
            state = out.state


@few
@given(plan=st.lists(st.tuples(tables, st.none() | assignments), min_size=1, max_size=6))
def test_a_change_never_moves_anything(plan: list[tuple[dict[str, DeviceReading], Assignment | None]]) -> None:
    """The hands fly about while arms (None) and assignments change: the step after a change asks for nothing."""
    table = dict(plan[0][0])
    seat = CombinedDevice(lambda: table, Assignment("one:a", "one:a"))
    seat.connect()
    state = start(np.zeros(14, np.float32), LIMITS)
    for now, assignment in plan:
        state = step(seat, state).state
        table.update(now)
        if assignment is None:
            seat.turn_to(1 - seat.active_arm)
        else:
            seat.assign(assignment)
        out = step(seat, state)
        assert not moves(out)
        state = out.state


@few
@given(rate=vectors.filter(lambda v: np.abs(v).max() > 0.3))
def test_a_stick_that_is_still_pushed_does_not_throw_the_other_arm(rate: np.ndarray) -> None:
    hand = ArmReading(linear=rate, angular=np.zeros(3))
    table = {"pad": said(hand, kind="rate")}
    seat = CombinedDevice(lambda: table, Assignment("pad", "pad"), first_arm=0)
    seat.connect()
    state = start(np.zeros(14, np.float32), LIMITS)
    assert seat.waiting
    assert not moves(step(seat, state))
    table["pad"] = said(pushed(), kind="rate")
    assert not moves(step(seat, state))
    assert not seat.waiting
    table["pad"] = said(hand, kind="rate")
    out = step(seat, state)
    assert out.delta.translation[0].any()
    seat.turn_to(1)
    for _ in range(3):
        assert not moves(step(seat, out.state))
    table["pad"] = said(pushed(), kind="rate")
    assert not moves(step(seat, out.state))
    table["pad"] = said(hand, kind="rate")
    assert step(seat, out.state).delta.translation[1].any()


@few
@given(table=tables, a=assignments, b=assignments, arm=st.integers(0, 1))
def test_the_epoch_is_a_function_of_who_drives(
    table: dict[str, DeviceReading], a: Assignment, b: Assignment, arm: int
) -> None:
    one, two = seated(table, a, arm).reading, seated(table, b, arm).reading
    other = seated(table, a, 1 - arm).reading
    if one is not None and two is not None:
        assert (one.epoch == two.epoch) == (a == b)
    if one is not None and other is not None:
        assert one.epoch != other.epoch
    again = seated(table, a, arm).reading
    assert (one is None) == (again is None)
    assert one is None or again is None or one.epoch == again.epoch


def test_a_reconnected_device_changes_the_epoch_and_another_one_does_not() -> None:
    table = {"a": said(pushed(), kind="rate"), "b": said(pushed(), kind="rate")}
    only_a = Assignment(left="a")
    before = seated(table, only_a, 0).reading
    table["b"] = said(pushed(), kind="rate", epoch=2)
    assert seated(table, only_a, 0).reading.epoch == before.epoch
    table["a"] = said(pushed(), kind="rate", epoch=2)
    assert seated(table, only_a, 0).reading.epoch != before.epoch


def test_two_devices_one_hand_each_and_swapped() -> None:
    table = {"a": said(pushed(0.1), kind="rate"), "b": said(pushed(0.2), kind="rate")}
    reading = seated(table, Assignment("a", "b"), 0).reading
    assert (reading.left.linear[0], reading.right.linear[0]) == (0.1, 0.2)
    assert (reading.device, reading.kind) == ("seat", "rate")
    reading = seated(table, Assignment("a", "b", swap=True), 0).reading
    assert (reading.left.linear[0], reading.right.linear[0]) == (0.2, 0.1)
    assert seated(table, Assignment("a"), 0).reading.right is None


def test_the_hands_of_a_two_handed_device() -> None:
    table = {"vr": said(pushed(0.1), pushed(0.2), kind="rate"), "pad": said(pushed(0.3), kind="rate")}
    crossed = Assignment("vr", "vr", left_hand="right", right_hand="left")
    reading = seated(table, crossed, 0).reading
    assert (reading.left.linear[0], reading.right.linear[0]) == (0.2, 0.1)
    reading = seated(table, Assignment("pad", "vr", right_hand="left"), 0).reading
    assert (reading.left.linear[0], reading.right.linear[0]) == (0.3, 0.1)
    assert hands_wanted(crossed, "vr") == 2
    assert hands_wanted(Assignment("vr", "vr", right_hand="left"), "vr") == 1
    assert hands_wanted(Assignment("vr", "pad"), "vr") == 1


def test_one_hand_for_both_arms() -> None:
    table = {"puck": said(pushed(0.5, 0.25, 1.0), kind="rate")}
    one = Assignment("puck", "puck")
    assert seated(table, one, 0).reading.right is None
    assert seated(table, one, 1).reading.left is None
    both = seated(table, replace(one, shared="both"), 0).reading
    assert both.left is both.right
    meeting = seated(table, replace(one, shared="both", mirror=True), 0).reading
    assert np.array_equal(meeting.left.linear, [0.5, 0.25, 0.0])
    assert np.array_equal(meeting.right.linear, [0.5, -0.25, 0.0])
    assert np.array_equal(meeting.right.angular, [0.0, 0.0, -1.0])


def test_two_hands_in_a_mirror() -> None:
    table = {"a": said(pushed(0.5, 0.25), kind="rate"), "b": said(pushed(0.5, 0.25), kind="rate")}
    reading = seated(table, Assignment("a", "b", mirror=True), 0).reading
    for hand in (reading.left, reading.right):
        assert np.array_equal(hand.linear, [0.5, -0.25, 0.0])


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        (Assignment(), "No device is assigned"),
        (Assignment("pad", "gone"), "gone gives no readings; it drives the right arm"),
        (Assignment("gone", "pad", swap=True), "gone gives no readings; it drives the right arm"),
        (Assignment("gone", "gone"), "it drives the left and right arm"),
        (Assignment("pad", "arm"), "pad gives speeds, arm gives poses"),
        (Assignment("bare"), "bare has no hand"),
    ],
)
def test_why_there_is_no_reading(assignment: Assignment, words: str) -> None:
    table = {
        "pad": said(pushed(), kind="rate"), "gone": None, "bare": said(kind="rate"),
        "arm": said(ArmReading(position=np.zeros(3))),
    }  # fmt: skip
    out = seated(table, assignment, 0)
    assert out.reading is None
    assert words in out.why


def test_the_oldest_sample_counts_and_presses_are_merged() -> None:
    late, early = said(pushed(), kind="rate", a=1), replace(said(pushed(), kind="rate", b=2), time=0.5)
    table = {"pad:x/y": late, "puck": early, "gone": None}
    out = seated(table, Assignment("pad:x/y", "puck"), 0).reading
    assert out.time == 0.5
    assert dict(out.presses) == {"pad:x/y/a": 1, "puck/b": 2}
    assert dict(merged_presses({"gone": None})) == {}


def test_a_device_key_names_driver_and_place() -> None:
    key = device_key(Discovered("gamepad", "030000@usb-2", "Gamepad", 2))
    assert key == "gamepad:030000@usb-2"
    assert driver_of(key) == "gamepad"
    assert driver_of("keyboard") == "keyboard"


class TestSeat(DeviceContract):
    @pytest.fixture
    def device(self) -> Iterator[Device]:
        self.scripted = Scripted()
        self.scripted.connect()
        seat = CombinedDevice(lambda: {"hands": self.scripted.read()}, Assignment("hands", "hands"))
        seat.connect()
        yield seat
        seat.disconnect()

    def move(self, device: Device) -> None:
        hand = ArmReading(position=np.array([0.01, 0.0, 0.0]), orientation=np.array([0.0, 0.0, 0.0, 1.0]))
        self.scripted.put(said(hand, hand, epoch=0))

    def test_loss_and_return_of_a_driving_device(self, device: CombinedDevice) -> None:
        epoch = device.read().epoch
        self.scripted.disconnect()
        assert device.read() is None
        assert "hands gives no readings" in device.why
        self.scripted.connect()
        assert device.read().epoch != epoch
        assert device.why == ""


class TestSeatOfKeys(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        self.keyboard = Keyboard()
        self.keyboard.connect()
        seat = CombinedDevice(lambda: {"keyboard": self.keyboard.read()}, Assignment("keyboard", "keyboard"))
        seat.connect()
        return seat

    def move(self, device: Device) -> None:
        self.keyboard.press("w")


def seat_with_switch(clutch: ClutchMode = "hold") -> tuple[CombinedDevice, Callable[[DeviceReading | None], None]]:
    table: dict[str, DeviceReading | None] = {"puck:usb": said(pushed(), kind="rate", left=7)}
    seat = CombinedDevice(
        lambda: table, Assignment("puck:usb", "puck:usb", switch="puck/left"), first_arm=0, clutch=clutch
    )
    seat.connect()
    return seat, lambda reading: table.update({"puck:usb": reading})


def test_the_switch_button_changes_the_arm_once_per_press() -> None:
    seat, say = seat_with_switch()
    assert seat.read().right is None
    assert seat.active_arm == 0, "presses from before are not presses now"
    epoch = seat.read().epoch
    say(said(pushed(), kind="rate", left=8))
    assert seat.read().left is None
    assert seat.read().epoch != epoch
    assert seat.active_arm == 1
    say(said(pushed(), kind="rate", left=10))
    assert seat.read().left is None
    say(None)
    assert seat.read() is None
    say(said(pushed(), kind="rate", epoch=2, left=0))
    assert seat.read().left is None, "counting from zero again is no press"


def test_a_device_that_comes_back_with_a_pushed_stick_has_to_rest_first() -> None:
    seat, say = seat_with_switch()
    say(said(pushed(1.0), kind="rate", left=7))
    seat.read()
    say(said(pushed(), kind="rate", left=7))
    assert seat.read().left.clutch
    say(None)
    assert seat.read() is None
    say(said(pushed(1.0), kind="rate", epoch=2, left=0))
    assert not seat.read().left.clutch
    say(said(pushed(), kind="rate", epoch=2, left=0))
    assert seat.read().left.clutch
    say(said(pushed(1.0), kind="rate", epoch=2, left=0))
    assert seat.read().left.clutch


def test_a_clutch_can_be_toggled() -> None:
    seat, say = seat_with_switch("toggle")
    open_hand, squeezed = replace(pushed(), clutch=False), pushed()
    states = []
    for hand in (open_hand, open_hand, squeezed, squeezed, open_hand, open_hand, squeezed, open_hand):
        say(said(hand, kind="rate", left=7))
        states.append(seat.read().left.clutch)
    assert states == [False, False, True, True, True, True, False, False]


def test_a_device_without_clutch_is_always_engaged() -> None:
    seat, _ = seat_with_switch("toggle")
    assert all(seat.read().left.clutch for _ in range(4))


def test_looking_twice_changes_nothing() -> None:
    readings = {"puck:usb": said(pushed(), kind="rate", left=7)}
    assignment = Assignment("puck:usb", "puck:usb", switch="puck/left")
    seat = CombinedDevice(lambda: readings, assignment)
    once = looked(seat._turns, readings, assignment)
    assert looked(once, readings, assignment) == once


def test_what_rests() -> None:
    assert rests(said(pushed(0.1), kind="rate"))
    assert not rests(said(pushed(0.5), kind="rate"))
    assert not rests(said(replace(pushed(), gripper_rate=1.0), kind="rate"))
    assert rests(said(ArmReading(position=np.ones(3))))
