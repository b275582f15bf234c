"""What the benchmark of rollouts measures, in the toy world; nothing here is timed."""

import json

import pytest

from benchmarks import rollouts
from models.training.policy.backbone import BACKBONES


def test_every_figure_is_measured_and_the_smallest_ratio_is_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert rollouts.main(["--quick", "--worlds", "toy", "--policy", "toy"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])["figures"]
    assert {f"train_{kind}_{phase}_per_s" for kind in BACKBONES for phase in ("act", "both")} <= figures.keys()
    assert {"toy_batch1_per_s", "toy_batch4_per_s", "toy_one_by_one_per_s", "toy_look16_ms"} <= figures.keys()
    assert figures["batch16_ratio"]["value"] == figures["toy_batch16_ratio"]["value"] > 0
    assert figures["batch16_ratio"]["goal"] == ">= 3"
    assert all(figure["value"] > 0 for figure in figures.values())


def test_batch_and_yardstick_play_the_same_steps() -> None:
    parts = rollouts.build(rollouts.RolloutConfig(world="toy", policy="toy"))
    together, _ = rollouts.steps_per_second(parts, range(3), 5, None)
    alone = sum(rollouts.steps_per_second(parts, [seed], 5, None)[0] for seed in range(3))
    assert together == alone
