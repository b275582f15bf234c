"""What the benchmark of the devices computes, and that it runs; nothing here is timed."""

import json

import pytest

from benchmarks import input_latency
from benchmarks.input_latency import Measured, figures_of


def test_the_worst_device_is_held() -> None:
    quick = Measured("keyboard", [1.0, 1.0], [90.0], 5.0, 0.0, [0.25, 0.5, 9.0])
    slow = Measured("so101", [10.0, 29.0], [], 6.0, 99.0, [0.5])
    figures = {figure.name: figure for figure in figures_of([quick, slow])}
    assert figures["worst_action_p99_ms"].value == pytest.approx(28.81)
    assert figures["worst_action_p99_ms"].holds
    assert figures["keyboard_frame_p50_ms"].value == 90.0
    assert "so101_frame_p50_ms" not in figures
    assert "keyboard_rate_hz" not in figures
    assert figures["so101_rate_hz"].value == 99.0


def test_a_sampled_device_is_held_against_its_period_and_the_keyboard_against_a_hand_over() -> None:
    keyboard = Measured("keyboard", [1.0, 1.0], [], 5.0, 0.0, [0.25, 0.5, 9.0])
    arm = Measured("so101", [15.0, 15.0], [], 6.0, 100.0, [0.5])
    figures = {figure.name: figure for figure in figures_of([keyboard, arm])}
    assert figures["keyboard_action_ratio"].value == pytest.approx(2.0)
    assert figures["so101_action_ratio"].value == pytest.approx(1.5)
    assert figures["worst_period_ratio"].value == pytest.approx(1.5)
    assert "worst_period_ratio" not in {figure.name for figure in figures_of([keyboard])}


def test_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert input_latency.main(["--quick", "--device", "lerobot", "--device", "keyboard"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["benchmark"] == "input_latency"
    assert {"worst_action_p99_ms", "lerobot_poll_us", "lerobot_rate_hz", "keyboard_action_ratio"} <= set(
        last["figures"]
    )
