"""What the benchmark of the devices computes, and that it runs; nothing here is timed."""

import json

import pytest

from benchmarks import input_latency
from benchmarks.input_latency import Measured, figures_of


def test_the_worst_device_is_held() -> None:
    quick = Measured("keyboard", [1.0, 1.0], [90.0], 5.0, 0.0)
    slow = Measured("so101", [10.0, 29.0], [], 6.0, 99.0)
    figures = {figure.name: figure for figure in figures_of([quick, slow])}
    assert figures["worst_action_p99_ms"].value == pytest.approx(28.81)
    assert figures["worst_action_p99_ms"].holds
    assert figures["keyboard_frame_p50_ms"].value == 90.0
    assert "so101_frame_p50_ms" not in figures
    assert "keyboard_rate_hz" not in figures
    assert figures["so101_rate_hz"].value == 99.0


def test_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert input_latency.main(["--quick", "--device", "lerobot", "--device", "keyboard"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["benchmark"] == "input_latency"
    assert {"worst_action_p99_ms", "lerobot_poll_us", "lerobot_rate_hz", "keyboard_action_p50_ms"} <= set(
        last["figures"]
    )
