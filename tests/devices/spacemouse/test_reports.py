"""Raw reports through the real pyspacemouse and easyhid, on one thread and with a clock of the test's own."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from benchmarks.emulated.pucks import (
    COMPACT,
    NAVIGATOR,
    PRO_WIRELESS,
    RECEIVER,
    REST_R,
    REST_T,
    WIRELESS,
    Plugged,
    Rig,
    moved,
    six,
    turned,
)
from core.errors import DeviceLost
from core.reading import ArmReading, DeviceReading
from devices.spacemouse.puck import MOST, SILENCE, Puck

FULL = 350
Open = Callable[[tuple[int, int]], "Bench"]


class Bench:
    """One open puck and its clock."""

    def __init__(self, rig: Rig, ids: tuple[int, int]) -> None:
        self.plugged: Plugged = rig.plug(3, "1-2", ids)
        self.now = 100.0
        self.puck: Puck = rig.driver.open(rig.driver.find()[0])
        self.puck._clock = lambda: self.now
        first = self.puck.poll(0.0)
        assert first is not None
        assert first.left is not None
        assert not first.left.linear.any(), "it rests while it says nothing"

    def poll(self) -> DeviceReading | None:
        return self.puck.poll(0.0)

    def after(self, *reports: bytes) -> DeviceReading:
        self.plugged.say(*reports)
        reading = self.poll()
        assert reading is not None
        return reading

    def hand(self, *reports: bytes) -> ArmReading:
        hand = self.after(*reports).left
        assert hand is not None
        return hand


@pytest.fixture
def on(rig: Rig) -> Iterator[Open]:
    open_ones: list[Bench] = []

    def open_one(ids: tuple[int, int]) -> Bench:
        open_ones.append(Bench(rig, ids))
        return open_ones[-1]

    yield open_one
    for one in open_ones:
        one.puck.close()
    assert rig.hidapi.handles == 0


AXES_IN_BASE = [
    # HID: +x right, +y towards the operator, +z down. Base: x forward, y left, z up.
    ({"x": FULL}, (0, -1, 0), "pushed to the right: -y"),
    ({"y": FULL}, (-1, 0, 0), "pulled towards the operator: -x"),
    ({"z": FULL}, (0, 0, -1), "pressed down: -z"),
]
"""Which way the base moves for each raw axis; the same for rotations, since both frames are right-handed."""


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("raw", "base", "words"), AXES_IN_BASE, ids=lambda one: one if isinstance(one, str) else "")
class TestAxes:
    def test_translation(self, on: Open, raw: dict[str, int], base: tuple[int, ...], words: str, sign: int) -> None:
        hand = on(COMPACT).hand(moved(**{axis: sign * value for axis, value in raw.items()}), REST_R)
        assert np.array_equal(hand.linear, sign * np.array(base))
        assert not hand.angular.any()

    def test_rotation(self, on: Open, raw: dict[str, int], base: tuple[int, ...], words: str, sign: int) -> None:
        hand = on(COMPACT).hand(REST_T, turned(**{axis: sign * value for axis, value in raw.items()}))
        assert np.array_equal(hand.angular, sign * np.array(base))
        assert not hand.linear.any()

    def test_one_report_models(
        self, on: Open, raw: dict[str, int], base: tuple[int, ...], words: str, sign: int
    ) -> None:
        hand = on(WIRELESS).hand(
            six(
                **{axis: sign * value for axis, value in raw.items()},
                **{f"r{axis}": -sign * value for axis, value in raw.items()},
            )
        )
        assert np.array_equal(hand.linear, sign * np.array(base))
        assert np.array_equal(hand.angular, -sign * np.array(base))


class TestPublicCaptures:
    """Reports that people published from their own pucks."""

    def test_spacenavigator_to_the_right_and_up(self, on: Open) -> None:
        hand = on(NAVIGATOR).hand(bytes.fromhex("01 76 00 00 00 FA FF"))
        assert np.allclose(hand.linear, [0.0, -118 / FULL, 6 / FULL])

    def test_wireless_motion_and_left_button(self, on: Open) -> None:
        bench = on(WIRELESS)
        hand = bench.hand(bytes.fromhex("01 16 00 00 00 00 00 00 00 00 00 00 00"))
        assert np.allclose(hand.linear, [0.0, -22 / FULL, 0.0])
        pressed = bench.after(bytes.fromhex("03 01 00"))
        assert dict(pressed.presses) == {"left": 1, "right": 0, "switch": 0}
        assert pressed.left.gripper_rate == -1.0

    def test_pro_wireless_turn_and_key_1(self, on: Open) -> None:
        bench = on(PRO_WIRELESS)
        hand = bench.hand(bytes.fromhex("01 00 00 00 00 09 00 00 00 00 00 00 00"))
        assert np.allclose(hand.linear, [0.0, 0.0, -9 / FULL])
        pressed = bench.after(bytes.fromhex("03 00 10 00 00 00 00"))
        assert {name for name, count in pressed.presses.items() if count} == {"btn_1"}
        assert pressed.left.gripper_rate == 0.0

    def test_wireless_pressed_down_and_released(self, on: Open) -> None:
        bench = on(WIRELESS)
        down = [bench.hand(six(z=value)).linear[2] for value in range(1, 8)]
        assert down == pytest.approx([-value / FULL for value in range(1, 8)])
        assert not bench.hand(six()).linear.any()


class TestDraining:
    def test_the_newest_report_counts_and_none_is_left(self, on: Open) -> None:
        bench = on(COMPACT)
        hand = bench.hand(*(moved(x=value) for value in range(0, 300, 10)), moved(y=-FULL))
        assert np.array_equal(hand.linear, [1.0, 0.0, 0.0])
        assert not bench.plugged.reports
        assert bench.poll() is None

    def test_every_press_counts_even_within_one_poll(self, on: Open) -> None:
        bench = on(COMPACT)
        click = (bytes([3, 1, 0]), bytes([3, 0, 0]))
        reading = bench.after(*click, *click, *click, bytes([3, 2, 0]))
        assert dict(reading.presses) == {"left": 3, "right": 1, "switch": 0}
        assert reading.left.gripper_rate == 1.0, "right is held: it opens"
        both = bench.after(bytes([3, 3, 0]))
        assert both.left.gripper_rate == 0.0, "both cancel"
        assert dict(both.presses) == {"left": 4, "right": 1, "switch": 1}, "what is held is not pressed again"

    def test_both_large_buttons_change_the_arm_and_move_no_gripper_until_both_are_up(self, on: Open) -> None:
        bench = on(COMPACT)
        said = [(bench.after(bytes([3, held, 0]))) for held in (1, 3, 2, 3, 0, 2)]
        assert [reading.left.gripper_rate for reading in said] == [-1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
        assert [reading.presses["switch"] for reading in said] == [0, 1, 1, 1, 1, 1]
        assert bench.after(bytes([3, 3, 0])).presses["switch"] == 2

    def test_the_shift_key_of_a_large_puck_changes_the_arm_and_its_two_large_buttons_do_not(self, on: Open) -> None:
        bench = on(PRO_WIRELESS)
        assert bench.after(bytes([3, 3, 0, 0, 0, 0, 0])).presses["switch"] == 0
        info = bench.puck._mouse.info
        names = [name.lower() for name in info.button_names]
        shift = info.button_specs[names.index("shift")]
        report = bytearray(7)
        report[0], report[shift.byte] = 3, 1 << shift.bit
        assert bench.after(bytes(report)).presses["switch"] == 1

    def test_a_reading_does_not_change_afterwards(self, on: Open) -> None:
        bench = on(COMPACT)
        before = bench.after(moved(y=-FULL), bytes([3, 1, 0]))
        bench.after(moved(y=FULL), bytes([3, 0, 0]), bytes([3, 1, 0]))
        assert np.array_equal(before.left.linear, [1.0, 0.0, 0.0])
        assert before.presses["left"] == 1

    def test_a_flood_does_not_hold_the_thread(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.hand(*[moved(x=FULL)] * (MOST + 5))
        assert len(bench.plugged.reports) == 5


class TestSilence:
    """A real puck repeats its reports while it is deflected; one that stops in mid-motion sleeps or is out of reach."""

    def test_a_puck_that_falls_silent_stops(self, on: Open) -> None:
        bench = on(WIRELESS)
        bench.hand(six(y=-FULL, rz=FULL))
        bench.now += SILENCE * 0.9
        assert bench.poll() is None, "it may still come"
        bench.now += SILENCE * 0.2
        stopped = bench.poll()
        assert stopped is not None
        assert not stopped.left.linear.any()
        assert not stopped.left.angular.any()
        assert bench.poll() is None, "rest is reported once"

    def test_it_continues_when_reports_arrive_again(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.hand(moved(y=-FULL), turned(z=FULL))
        bench.now += 10.0
        bench.poll()
        hand = bench.hand(moved(y=-FULL))
        assert np.array_equal(hand.linear, [1.0, 0.0, 0.0])
        assert not hand.angular.any(), "the rotation of ten seconds ago is not the hand's"

    def test_each_half_of_a_two_report_model_has_its_own_silence(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.hand(moved(y=-FULL), turned(z=FULL))
        bench.now += SILENCE * 0.6
        assert bench.hand(moved(y=-FULL)).angular.any(), "one late half is not a release"
        bench.now += SILENCE * 0.6
        hand = bench.hand(moved(y=-FULL))
        assert hand.linear.any()
        assert not hand.angular.any()

    def test_a_late_reader_is_not_a_silent_puck(self, on: Open) -> None:
        bench = on(WIRELESS)
        bench.hand(six(y=-FULL))
        bench.now += 5.0  # the thread slept, the kernel kept the reports
        assert bench.hand(six(y=-FULL), six(y=-FULL)).linear.any()

    def test_rest_needs_no_reports_for_hours(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.hand(moved(x=5), REST_T, REST_R)
        for _ in range(50):
            bench.now += 3600.0
            assert bench.poll() is None


class TestGarbage:
    def test_out_of_range_is_cut(self, on: Open) -> None:
        hand = on(WIRELESS).hand(six(x=500, y=-32768, z=32767, rx=-351, ry=351, rz=-500))
        assert np.array_equal(hand.linear, [1.0, -1.0, -1.0])
        assert np.array_equal(hand.angular, [-1.0, 1.0, 1.0])

    def test_unknown_reports_say_nothing(self, on: Open) -> None:
        bench = on(WIRELESS)
        bench.plugged.say(bytes([0x17, 0x50, 0x00]), bytes([0x00]), bytes([0xFF] * 13), bytes([0x02, 0xFF, 0x7F]))
        assert bench.poll() is None

    def test_unknown_reports_do_not_keep_a_motion_alive(self, on: Open) -> None:
        bench = on(WIRELESS)
        bench.hand(six(y=-FULL))
        bench.now += SILENCE + 0.001
        bench.plugged.say(bytes([0x17, 0x50, 0x00]))
        stopped = bench.poll()
        assert stopped is not None
        assert not stopped.left.linear.any()

    def test_short_reports_are_filled_up_with_rest(self, on: Open) -> None:
        bench = on(WIRELESS)
        bench.hand(six(y=-FULL, rz=FULL))
        hand = bench.hand(moved(y=-FULL))  # 7 of 13 bytes
        assert np.array_equal(hand.linear, [1.0, 0.0, 0.0])
        assert not hand.angular.any()
        assert not bench.hand(bytes([1])).linear.any()
        assert dict(bench.after(bytes([3])).presses) == {"left": 0, "right": 0, "switch": 0}

    def test_random_bytes_never_leave_the_range(self, on: Open) -> None:
        bench, random = on(PRO_WIRELESS), np.random.default_rng(7)
        for _ in range(300):
            report = random.integers(0, 256, random.integers(1, 20)).astype(np.uint8).tobytes()
            bench.plugged.say(bytes([int(random.integers(0, 5))]) + report)
            reading = bench.poll()
            if reading is not None:
                assert np.isfinite(reading.left.linear).all()
                assert max(np.abs(reading.left.linear).max(), np.abs(reading.left.angular).max()) <= 1.0


def test_unplugged_in_mid_motion(on: Open) -> None:
    bench = on(COMPACT)
    bench.hand(moved(y=-FULL))
    bench.plugged.say(moved(y=-FULL))
    bench.plugged.vanish()
    with pytest.raises(DeviceLost, match=r"SpaceMouse Compact \(USB 1-2\) was unplugged.*Plug it in again"):
        bench.poll()


def test_a_wireless_puck_behind_the_universal_receiver_says_the_names_of_the_pro(on: Open) -> None:
    pressed = on(RECEIVER).after(bytes([3, 2, 0]))
    assert pressed.presses["fit"] == 1
    assert pressed.left.gripper_rate == 1.0, "the two large buttons move the gripper whatever they are called"


class TestLight:
    def test_the_report_is_the_one_that_pucks_know(self, on: Open) -> None:
        bench = on(NAVIGATOR)
        bench.poll()
        assert bench.plugged.written == [], "no caller requested the light"
        bench.puck.light(True)
        bench.poll()
        bench.poll()
        bench.puck.light(False)
        bench.poll()
        assert bench.plugged.written == [bytes([4, 1]), bytes([4, 0])]

    def test_never_in_mid_motion(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.hand(moved(y=-FULL))
        bench.puck.light(True)
        assert bench.poll() is None
        assert bench.plugged.written == []
        bench.hand(REST_T, REST_R)
        bench.poll()
        assert bench.plugged.written == [bytes([4, 1])]

    def test_a_light_that_fails_is_no_loss(self, on: Open) -> None:
        bench = on(COMPACT)
        bench.plugged.writes_fail = True
        bench.puck.light(True)
        assert bench.poll() is None
        assert bench.hand(moved(y=-FULL)).linear.any()
