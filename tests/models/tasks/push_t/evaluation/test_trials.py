"""The shipped trials: what they hold, and the error if they cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import BadStore
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.collect import SEEDS_PER_SET
from models.tasks.push_t.evaluation.fidelity_measures import HORIZONS, TURNS, quiet_actions
from models.tasks.push_t.evaluation.fidelity_metrics import wrapped
from models.tasks.push_t.evaluation.fidelity_starts import AMID
from models.tasks.push_t.evaluation.trials import FILMED, FIRST_SEED, LENGTH, NAMES, ODD, PICTURED, PUSH, TRIALS, Trials
from models.tasks.push_t.perception import find_t


@pytest.fixture(scope="module")
def trials() -> Trials:
    return Trials()


def test_what_the_report_needs_is_pictured() -> None:
    assert set(HORIZONS) <= set(PICTURED)
    assert set(AMID) <= set(PICTURED)
    assert max(HORIZONS) < LENGTH
    assert FIRST_SEED + 100 * 40 < SEEDS_PER_SET, "no collected set begins below that"
    assert TRIALS.stat().st_size < 12e6


def test_rollouts_show_the_t_at_its_true_pose(trials: Trials) -> None:
    rollouts = trials.rollouts()
    assert len(rollouts) >= 40
    assert {r.kind for r in rollouts} == {"goal", "noisy_goal", "play", "failure", "edge"}
    for run in rollouts[:6]:
        assert run.action.shape == (LENGTH - 1, 14)
        assert run.ee_state.shape == (LENGTH, 14)
        found = find_t(run.start.frames, run.start.ee_state)
        assert found is not None
        assert np.linalg.norm(found.pose[:2] - run.object_pose[0, :2]) < 0.01
        assert abs(wrapped(found.pose[2] - run.object_pose[0, 2])) < 0.1


def test_films_are_the_rollouts(trials: Trials) -> None:
    films, rollouts = trials.films(), trials.rollouts()
    assert len(films) == FILMED
    for film, run in zip(films, rollouts, strict=False):
        assert film.shape == (LENGTH, 128, 128, 3)
        assert all(np.array_equal(film[f], run.frames[f]["top"]) for f in (0, 100, 200))


def test_pushes_push_and_begin_before_contact(trials: Trials) -> None:
    runs = trials.pushes()
    assert len(runs) >= 20
    travel, turns = [], []
    for run in runs:
        arm = int(np.argmin(run.ee_state[0][[2, 9]]))
        path = run.ee_state[[0, -1], arm * 7 : arm * 7 + 2]
        assert np.linalg.norm(path[1] - path[0]) == pytest.approx(PUSH, abs=0.005)
        assert not g.inside_t(g.to_object(path[0].astype(np.float64), run.object_pose[0]))
        step = np.linalg.norm(np.diff(run.object_pose[:, :2], axis=0), axis=1)
        assert step.max() < 0.0125, "no T jumps out of a hand that began inside it"
        travel.append(np.linalg.norm(run.object_pose[-1, :2] - run.object_pose[0, :2]))
        turns.append(abs(wrapped(run.object_pose[-1, 2] - run.object_pose[0, 2])))
    assert min(travel) > 0.03
    assert np.mean(np.array(turns) > TURNS) > 0.7


def test_odd_starts_are_odd(trials: Trials) -> None:
    starts = trials.odd_starts()
    assert tuple(starts) == ODD
    red = {k: np.mean([_red(o.frames["top"]) for o in v]) for k, v in starts.items()}
    assert red["off_table"] < 0.8 * red["shipped"], "part of the T is out of the picture"
    for kind in ("colours", "clutter"):
        assert all(
            not np.array_equal(a.frames["top"], b.frames["top"])
            for a, b in zip(starts[kind], starts["shipped"], strict=True)
        )


def _red(frame: np.ndarray) -> int:
    picture = frame.astype(int)
    return int((picture[..., 0] - picture[..., 2] > 100).sum())


def test_quiet_hands_stay_within_the_limits_and_off_the_t(trials: Trials) -> None:
    for run in trials.rollouts()[:10]:
        for name, actions in quiet_actions(run, g.LIMITS).items():
            assert np.array_equal(actions, g.LIMITS.clip(actions)), name
        assert (np.diff(quiet_actions(run, g.LIMITS)["nobody_moves"], axis=0) == 0).all()


@pytest.mark.parametrize("spoil", ["missing", "empty", "half", "text", "folder", "older"])
def test_trials_that_cannot_be_read_are_named(tmp_path: Path, spoil: str) -> None:
    file, whole = tmp_path / "trials.npz", TRIALS.read_bytes()
    match spoil:
        case "empty":
            file.write_bytes(b"")
        case "half":
            file.write_bytes(whole[: len(whole) // 2])
        case "text":
            file.write_text("none")
        case "folder":
            file.mkdir()
        case "older":
            np.savez(file, **{name: np.zeros(1) for name in NAMES[:-1]})
    with pytest.raises(BadStore, match=r"The trials .*trials.npz cannot be read .* Restore them .*evaluation.trials"):
        Trials(file)
