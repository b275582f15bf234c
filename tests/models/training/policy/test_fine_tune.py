"""Post-training on a mixture, tiny: from a base of each kind, killed and continued, exported and loaded."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.errors import BadCheckpoint, BadConfig
from models.training.diffusion.backbone import DiffusionBackbone
from models.training.policy.backbone import read_base
from models.training.policy.fine_tune import FineTuneConfig, fine_tune, widened
from models.training.policy.log import Progress
from models.training.policy.mixture import Source
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import TrainConfig, train
from models.training.policy.windows import Windows
from tests.models.training.policy.recorded import CONFIG, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tuning")


@pytest.fixture(scope="module")
def base(folder: Path) -> Path:
    config = TrainConfig(
        data=(write(folder / "demos"),), out=folder / "base", pose_steps=4, joint_steps=2, steps=10, every=10,
        backbone=DiffusionBackbone(CONFIG), step=StepConfig(batch=8, chunks_per_look=2),
    )  # fmt: skip
    return train(config, lambda line: None)


@pytest.fixture(scope="module")
def sources(folder: Path, base: Path) -> list[Source]:
    config = read_base(base).config
    demos, other = (read_windows([write(folder / name, seed)], config, "train") for seed, name in enumerate("ab"))
    rows = np.arange(4, 12)
    return [
        Source("demos", demos, 0.6),
        Source("fixes", other, 0.4, rows=rows, weights=np.ones(8, np.float32), past_end="mask"),
    ]


@pytest.fixture(scope="module")
def held_out(folder: Path, sources: list[Source]) -> Windows:
    return read_windows([folder / "a"], CONFIG, "validation")


def config(base: Path, out: Path, **changes: object) -> FineTuneConfig:
    step = StepConfig(batch=8, chunks_per_look=2)
    plain = FineTuneConfig(base, out, steps=12, rate=1e-3, warm_up=3, anneal=4, every=5, step=step)
    return replace(plain, **changes)


def test_it_learns_everything_but_the_encoder_from_the_weights_of_the_base(
    base: Path, sources: list[Source], held_out: Windows, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    path = fine_tune(config(base, tmp_path), sources, held_out, seen.append, {"lineage": "test"})
    before, after = load_file(base), load_file(path)
    same = {name for name in before if np.array_equal(before[name], after[name])}
    encoder = {name for name in before if name.startswith(("network.views", "network.look", "network.pose"))}
    assert encoder <= same
    assert not {name for name in same if name.startswith("network.denoiser")}
    moved = max(float(np.abs(before[name] - after[name]).max()) for name in before if name.startswith("network."))
    assert moved < 0.05, "it began at the weights of the base"
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["lineage"] == "test"
    assert card["base"]["sha256"] == read_base(base).sha256
    assert [(s["name"], s["share"], s["rows"]) for s in card["sources"]] == [("demos", 0.6, 20), ("fixes", 0.4, 8)]
    assert [p.step for p in seen if p.event == "validation"] == [5, 10, 12]
    losses = [p.figures for p in seen if p.event == "losses"]
    assert set(losses[-1]) == {"chunk", "chunk demos", "chunk fixes"}


@pytest.mark.parametrize("stopped_at", [3, 7])
def test_stopped_and_continued_is_the_same_training(
    base: Path, sources: list[Source], held_out: Windows, tmp_path: Path, stopped_at: int
) -> None:
    straight = fine_tune(config(base, tmp_path / "straight"), sources, held_out)
    cut, asked = config(base, tmp_path / "cut"), iter(range(1, 100))
    assert fine_tune(cut, sources, held_out, stop=lambda: next(asked) == stopped_at) is None
    said: list[str] = []
    resumed = fine_tune(cut, sources, held_out, say=said.append)
    assert said == [f"going on at step {stopped_at}"]
    for name in ("policy.safetensors", "training.safetensors"):
        one, two = load_file(straight.parent / name), load_file(resumed.parent / name)
        assert all(one[key].tobytes() == two[key].tobytes() for key in one), name


def test_the_rate_warms_up_is_constant_and_falls(base: Path, tmp_path: Path) -> None:
    rates = [config(base, tmp_path).rate_at(step) for step in range(12)]
    assert np.allclose(rates[:3], [1e-3 / 3, 2e-3 / 3, 1e-3])
    assert rates[3:8] == [1e-3] * 5
    assert np.isclose(rates[-1], 1e-5)
    assert (np.diff(rates[7:]) < 0).all()


def test_the_box_of_actions_holds_those_of_the_sources(base: Path, sources: list[Source]) -> None:
    scaling, far = read_base(base).scaling, sources[1].data
    far = replace(far, actions=far.actions + np.float32(3.0))
    wide = widened(scaling, [sources[0], Source("far", far, 0.5)])
    assert np.allclose(wide.action_high, far.actions.max(0))
    assert np.array_equal(wide.action_low, np.minimum(scaling.action_low, sources[0].data.actions.min(0)))
    assert np.array_equal(wide.chunk_half, scaling.chunk_half), "the weights depend on it"


def test_what_cannot_be_trained_is_refused(
    base: Path, sources: list[Source], held_out: Windows, tmp_path: Path
) -> None:
    with pytest.raises(BadConfig, match=r"add up to 0\.6"):
        fine_tune(config(base, tmp_path), sources[:1], held_out)
    with pytest.raises(BadConfig, match="do not fit into 5 steps"):
        fine_tune(config(base, tmp_path, steps=5), sources, held_out)
    with pytest.raises(BadCheckpoint, match="no policy weights at"):
        fine_tune(config(tmp_path / "none.safetensors", tmp_path), sources, held_out)
    (tmp_path / "bad.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0notjson!")
    with pytest.raises(BadCheckpoint, match="torn"):
        fine_tune(config(tmp_path / "bad.safetensors", tmp_path), sources, held_out)
