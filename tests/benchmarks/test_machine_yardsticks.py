"""What the yardsticks without a window measure; nothing here is timed."""

import os
from pathlib import Path

import pytest

from benchmarks.machine_yardsticks import BareAppend, empty_window, hand_over, matrix_peak, matrix_product


def test_bytes_are_appended_as_they_are(tmp_path: Path) -> None:
    for payload in (b"one", b"two"):
        file = BareAppend(tmp_path / "bare")
        assert file.measure(payload) >= 0
        file.close()
    assert (tmp_path / "bare").read_bytes() == b"onetwo"


def test_a_product_and_a_hand_over_take_time() -> None:
    assert matrix_product(1) > 0
    assert matrix_peak(1) > 0
    assert hand_over() > 0


def test_an_empty_window_is_painted_after_its_process_began() -> None:
    assert empty_window({**os.environ, "QT_QPA_PLATFORM": "offscreen"}) > 0


def test_a_window_that_cannot_be_shown_is_an_error_with_its_words() -> None:
    with pytest.raises(RuntimeError, match="the empty window did not start"):
        empty_window({**os.environ, "QT_QPA_PLATFORM": "no such platform"})
