"""What the benchmark of the timeline measures: its trees, its figures, and that the whole of it runs."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks.timeline import Measured, figures_of, tree
from core.branch_tree import Branches


@pytest.mark.parametrize("steps", [50, 1_000, 20_000])
def test_a_tree_has_so_many_steps_and_only_forks_where_there_are_nodes(steps: int) -> None:
    branches = tree(steps)
    assert sum(b.length - b.fork_step for b in branches) == steps
    assert len(Branches(branches)) == len(branches)
    assert 30 <= steps / len(branches) <= 200
    for branch in branches[1:]:
        parent = branches[branch.parent or 0]
        assert parent.id < branch.id
        assert parent.fork_step <= branch.fork_step <= parent.length


def test_the_worst_size_counts() -> None:
    slow = Measured(10, [9.0] * 20, [1.0], [1.0], [1.0], [6.0], [1.0], [20.0])
    fast = Measured(1000, [2.0] * 20, [1.0], [1.0], [1.0], [4.0], [0.25], [3.0])
    figures = {figure.name: figure for figure in figures_of([fast, slow])}
    assert (figures["repaint_p95_ms"].value, figures["repaint_p95_ms"].holds) == (9.0, False)
    assert (figures["scrub_p95_ms"].value, figures["scrub_p95_ms"].holds) == (20.0, False)
    assert figures["repaint_p95_ms_1000"].value == 2.0
    assert (figures["fill_ratio"].value, figures["fork_ratio"].value) == (1.5, 4.0)


@pytest.mark.slow
def test_a_quick_look_measures_everything() -> None:
    command = [sys.executable, "-m", "benchmarks.timeline", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["benchmark"] == "timeline"
    assert {"repaint_p95_ms", "scrub_p95_ms"} <= set(found["figures"])
