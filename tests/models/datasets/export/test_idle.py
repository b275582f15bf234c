"""Idle steps of the operator are left out of an export on request, and counted."""

from pathlib import Path

import numpy as np

from core import verbs as v
from core.recorder import Recorder
from models.datasets.export.idle import SETTLE, spans, working
from models.datasets.export.labels import OPERATOR
from models.datasets.export.rows import rows_of
from models.datasets.export.run import make_plan
from tests.core.driving import open_session, push, steps
from tests.models.datasets.recorded import options

DRIVEN, RESTED, AGAIN = 5, 12, 4


def test_only_long_rests_of_the_operator_are_left_out() -> None:
    action = np.repeat([0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0], 14).reshape(9, 14).astype(np.float32)
    operator = np.full(9, OPERATOR)
    assert working(operator, action).tolist() == [True] * (2 + SETTLE) + [False] * (5 - SETTLE) + [True] * 2
    assert working(np.zeros(9, np.int64), action).all(), "the policy may wait"


def test_runs_of_kept_steps() -> None:
    assert spans(np.array([1, 1, 0, 0, 1, 0, 1, 1], np.bool_)) == [(0, 2), (4, 5), (6, 8)]
    assert spans(np.zeros(3, np.bool_)) == []


def test_a_rest_inside_a_correction(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s", sync=False)
    session = open_session(sink=recorder)
    session.apply(v.TakeOver())
    steps(session, DRIVEN, push(1.0, 0.4))
    steps(session, RESTED, push(0.0, 0.0))
    steps(session, AGAIN, push(-0.5, 0.2))
    session.apply(v.SetReview("accepted"))
    recorder.close()

    whole = rows_of(plan := make_plan(options(tmp_path / "s", tmp_path / "out", "lerobot")), plan.episodes[0])
    asked = options(tmp_path / "s", tmp_path / "out", "lerobot", trim_idle=True)
    trimmed = rows_of(plan := make_plan(asked), episode := plan.episodes[0])
    assert len(whole) == DRIVEN + RESTED + AGAIN
    assert len(whole) - len(trimmed) == episode.lineage["idle_steps_left_out"] == RESTED - SETTLE
    assert "idle_steps_left_out" not in whole.episode.lineage
    kept = trimmed.columns["step"]
    for name in ("state", "action", "intervention", "progress"):
        assert np.array_equal(trimmed.columns[name], whole.columns[name][kept])
    assert np.array_equal(trimmed.states[-1], whole.states[-1])
    assert trimmed.columns["done"].tolist() == [False] * (len(trimmed) - 1) + [True]
    camera = plan.shape.cameras[0][0]
    frames, all_frames = list(trimmed.frames(camera)), list(whole.frames(camera))
    assert len(frames) == len(trimmed)
    assert all(np.array_equal(frame, all_frames[i]) for frame, i in zip(frames, kept, strict=True))
