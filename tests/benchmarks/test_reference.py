"""What the benchmark of the reference world measures, on a small world; nothing here is timed."""

from benchmarks.reference import _milliseconds
from models.tasks.toy.world import load


def test_a_transition_and_its_yardstick_are_measured_in_one_run() -> None:
    assert all(value > 0 for value in _milliseconds(load(), 2))
