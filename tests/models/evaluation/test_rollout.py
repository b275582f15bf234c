import argparse
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import BadConfig, UnknownName
from models import POLICIES, TASKS, WORLDS
from models.evaluation import rollout
from models.evaluation.attempts import attempt
from models.evaluation.rollout import RolloutConfig, roll_out

TOY = RolloutConfig(world="toy", policy="toy", first_seed=0, attempts=6, batch=3)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    rollout.add_arguments(parser)
    return parser.parse_args(["--world", "toy", "--policy", "toy", *words])


def test_an_attempt_does_not_depend_on_its_neighbours() -> None:
    together = roll_out(TOY)
    assert together == roll_out(replace(TOY, batch=1))
    assert [one.seed for one in together] == list(TOY.seeds)
    assert any(one.success for one in together)
    assert not all(one.success for one in together)


def test_processes_share_the_work_and_change_nothing() -> None:
    assert roll_out(replace(TOY, processes=2)) == roll_out(TOY)


def test_success_ends_an_attempt_and_time_ends_the_others() -> None:
    task = TASKS.load("toy")()
    for one in roll_out(TOY):
        assert one.steps < task.max_steps if one.success else one.steps == task.max_steps
        assert one.best_progress >= one.progress >= 0.0
    assert all(one.steps <= 5 for one in roll_out(replace(TOY, max_steps=5)))


def test_every_step_is_shown_to_the_watcher() -> None:
    shown: list[int] = []
    parts = WORLDS.load("toy")(), POLICIES.load("toy")(), TASKS.load("toy")()
    attempts = attempt(*parts, [0, 1], watch=lambda row, observation: shown.append(row))
    assert [shown.count(row) for row in (0, 1)] == [one.steps + 1 for one in attempts]


def test_the_command_prints_the_interval_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert rollout.run(arguments("--attempts", "4", "--first-seed", "0", "--json")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["attempts"] == len(said["each"]) == 4
    assert said["successes"] == sum(one["success"] for one in said["each"])
    low, high = said["wilson_95"]
    assert 0.0 <= low <= said["success"] <= high <= 1.0
    assert rollout.run(arguments("--attempts", "2", "--first-seed", "0", "--each")) == 0
    assert "seed 1: " in capsys.readouterr().out


def test_the_video_holds_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "new" / "toy.mp4"
    rollout.film(replace(TOY, max_steps=6), path, 2)
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 2 * 7
    assert pictures[0].shape == (64, 128, 3)
    assert np.std(pictures[0]) > 5.0


def test_parts_that_do_not_belong_together_are_refused() -> None:
    policy = POLICIES.load("replay")(np.zeros((1, 14), np.float32), task="push_t")
    with pytest.raises(BadConfig, match="policy is made for the task 'push_t'"):
        attempt(WORLDS.load("toy")(), policy, TASKS.load("toy")(), [0])


def test_more_attempts_than_shipped_starts_are_refused_before_the_first(tmp_path: Path) -> None:
    """They were played for hours first."""
    with pytest.raises(BadConfig, match=r"Seed \d+ has no shipped start.*at most --attempts \d+"):
        roll_out(RolloutConfig(world="transport", policy="hold", attempts=100_000))
    with pytest.raises(BadConfig, match=r"Choose another --first-seed"):
        roll_out(RolloutConfig(world="transport", policy="hold", first_seed=99_999, attempts=1))
    with pytest.raises(BadConfig, match="has no folder"):
        rollout.run(arguments("--video", str(tmp_path / "none" / "x.mp4")))


def test_wrong_use_is_named() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'toy'"):
        roll_out(replace(TOY, world="toi"))
    with pytest.raises(BadConfig, match="takes no weights"):
        roll_out(replace(TOY, weights=Path("weights.safetensors")))
    with pytest.raises(BadConfig, match="--attempts must be at least 1"):
        rollout.run(arguments("--attempts", "0"))
