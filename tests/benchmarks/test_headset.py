"""What the benchmark of the headset computes; it runs on a real OpenXR runtime only (make bench-openxr)."""

import pytest

from benchmarks.headset import Measured, figures_of
from devices.openxr.thread import FrameTime


def test_work_is_held_against_the_empty_swap() -> None:
    frames = [FrameTime(at=0.0, work=0.003, wall=0.02, missed=1), FrameTime(at=0.1, work=0.003, wall=0.02, missed=0)]
    run = Measured(frames, 2.0, [10.0], [5.0], 28.0, [10.0, 12.0, 90.0], "a world")
    figures = {figure.name: figure for figure in figures_of(run)}
    assert figures["work_p99_ms"].value == pytest.approx(3.0)
    assert figures["work_ratio"].value == pytest.approx(0.25)
    assert figures["empty_swap_p50_ms"].value == 12.0
    assert figures["missed"].value == 1
