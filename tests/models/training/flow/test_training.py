"""The trainer of policies with the flow-matching backbone, tiny: trained, resumed, tuned further, loaded."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.observation import Observation
from models import load_policy
from models.policies.flow.config import FlowConfig
from models.training.flow.backbone import FlowBackbone
from models.training.policy.backbone import read_base
from models.training.policy.fine_tune import FineTuneConfig, fine_tune
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import TrainConfig, fit_scaling, train
from models.training.policy.validation import validate
from models.training.policy.windows import Windows
from tests.models.training.policy.conftest import no_pictures, one_thread  # noqa: F401 (fixtures)
from tests.models.training.policy.recorded import SIZE, write

CONFIG = FlowConfig(
    task="spot", frame_size=SIZE, image_size=SIZE // 2, channels=8, keypoints=4, horizon=4, executed=2,
    sampling_steps=5, tokens=2, width=16, heads=2, layers=2,
)  # fmt: skip
STEP = StepConfig(batch=16, chunks_per_look=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("flow") / "demos")


@pytest.fixture(scope="module")
def data(folder: Path) -> Windows:
    return read_windows([folder], CONFIG, "train")


@pytest.fixture(scope="module")
def base(folder: Path) -> Path:
    config = TrainConfig(
        data=(folder,), out=folder.parent / "base", pose_steps=3, joint_steps=3, steps=9, every=5,
        backbone=FlowBackbone(CONFIG), step=replace(STEP, batch=8),
    )  # fmt: skip
    return train(config, lambda line: None)


def test_steps_bring_samples_nearer_to_the_demonstrations(data: Windows) -> None:
    pupil = Learner(FlowBackbone(CONFIG), fit_scaling(data, CONFIG.horizon), STEP, 0, bf16=False)

    def figures() -> dict[str, float]:
        return validate(pupil.backbone, pupil.averaged(), pupil.scaling, data)

    fresh = figures()
    for _ in range(50):
        pupil.step([Source("demos", data)], 5e-3, "both")
    taught = figures()
    assert taught["position_cm"] < 0.8 * fresh["position_cm"]
    assert taught["loss"] < fresh["loss"]
    assert taught["pose_cm"] < fresh["pose_cm"]


def test_the_frozen_encoder_stays(data: Windows) -> None:
    pupil = Learner(FlowBackbone(CONFIG), fit_scaling(data, CONFIG.horizon), STEP, 0, bf16=False)
    before, sources = pupil.weights(), [Source("demos", data)]
    pupil.freeze(sources)
    for _ in range(3):
        pupil.step(sources, 1e-2, "act")
    after = pupil.weights()
    stayed = {name for name in before if np.array_equal(before[name], after[name])}
    assert stayed == {name for name in before if name.startswith(("views.", "look.", "pose."))}


def test_what_is_trained_is_loaded_and_acts(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_WM_CACHE", str(tmp_path))
    policy = load_policy("flow", "spot", base)
    frames = {name: np.full((SIZE, SIZE, 3), 30, np.uint8) for name in CONFIG.cameras}
    seen = Observation(frames, np.zeros(14, np.float32))
    actions, plans, _ = policy.act([seen], policy.start([[seen]]), [1])
    assert np.isfinite(actions).all()
    assert plans.shape == (1, CONFIG.horizon, 14)
    card = json.loads(base.with_suffix(".json").read_text())
    assert (card["kind"], card["config"]["width"]) == ("flow", CONFIG.width)


def test_a_mixture_tunes_it_further_and_a_stop_changes_nothing(base: Path, data: Windows, tmp_path: Path) -> None:
    assert read_base(base).config == CONFIG
    sources = [Source("demos", data, 0.5), Source("fixes", data, 0.5, np.arange(5), past_end="mask")]
    config = FineTuneConfig(
        base, tmp_path / "straight", steps=8, rate=1e-3, warm_up=2, anneal=2, every=4, step=replace(STEP, batch=8)
    )
    straight = fine_tune(config, sources, data)
    cut, asked = replace(config, out=tmp_path / "cut"), iter(range(1, 100))
    assert fine_tune(cut, sources, data, stop=lambda: next(asked) == 3) is None
    resumed = fine_tune(cut, sources, data)
    one, two = load_file(straight), load_file(resumed)
    assert all(one[key].tobytes() == two[key].tobytes() for key in one)
    assert not np.array_equal(one["network.expert.leave.weight"], load_file(base)["network.expert.leave.weight"])
