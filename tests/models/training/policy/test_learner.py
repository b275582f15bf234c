from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BadCheckpoint
from models.training.diffusion.backbone import DiffusionBackbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import fit_scaling
from models.training.policy.validation import validate
from models.training.policy.windows import Windows
from tests.models.training.policy.recorded import CONFIG, write

STEP = StepConfig(batch=16, chunks_per_look=2)
RATE = 3e-3


@pytest.fixture
def data(tmp_path: Path) -> Windows:
    return read_windows([write(tmp_path / "demos")], CONFIG, "train")


def learner(data: Windows, seed: int = 0, **changes: object) -> Learner:
    config = replace(CONFIG, **changes)
    return Learner(DiffusionBackbone(config), fit_scaling(data, config.horizon), STEP, seed, bf16=False)


def losses(learner: Learner, data: Windows, count: int, phase: str) -> dict[str, list]:
    rows = [learner.step([Source("demos", data)], RATE, phase) for _ in range(count)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def encoder(learner: Learner) -> dict[str, np.ndarray]:
    names = ("views.", "look.", "pose.")
    return {k: v.clone().numpy() for k, v in learner.network.state_dict().items() if k.startswith(names)}


@pytest.mark.parametrize("prediction", ["sample", "epsilon", "v_prediction"])
def test_steps_reduce_both_losses(data: Windows, prediction: str) -> None:
    found = losses(learner(data, prediction=prediction), data, 60, "both")
    for name, values in found.items():
        assert np.mean(values[-10:]) < 0.8 * np.mean(values[:5]), (name, values[:3], values[-3:])


def test_looking_teaches_the_pose_and_acting_leaves_the_encoder_alone(data: Windows) -> None:
    pupil = learner(data)
    pose = losses(pupil, data, 40, "look")
    assert set(pose) == {"pose"}
    assert np.mean(pose["pose"][-10:]) < 0.6 * np.mean(pose["pose"][:5])
    pupil.settle()
    before, seen = encoder(pupil), pupil.looking(data)
    assert seen.shape == (len(data), 132)
    pupil.freeze([Source("demos", data)])
    chunk = losses(pupil, data, 30, "act")
    assert set(chunk) == {"chunk"}
    assert np.mean(chunk["chunk"][-10:]) < np.mean(chunk["chunk"][:5])
    after = encoder(pupil)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert np.array_equal(pupil.looking(data), seen), "so what was seen stays true"


def test_unknown_poses_teach_nothing(data: Windows) -> None:
    blind = replace(data, poses=np.full_like(data.poses, np.nan))
    found = losses(learner(data), blind, 3, "both")
    assert found["pose"] == [0.0] * 3
    assert np.isfinite(found["chunk"]).all()


def test_randomness_is_a_function_of_seed_and_step(data: Windows) -> None:
    one, two, other = learner(data), learner(data), learner(data, seed=1)
    torch.manual_seed(99)  # what else draws numbers does not matter
    assert losses(one, data, 3, "both") == losses(two, data, 3, "both") != losses(other, data, 3, "both")


def test_a_resumed_learner_goes_on_bit_for_bit(data: Windows, tmp_path: Path) -> None:
    straight, first, resumed = learner(data), learner(data), learner(data)
    losses(straight, data, 9, "both")
    losses(first, data, 5, "both")
    first.save(tmp_path / "training.safetensors")
    resumed.resume(tmp_path / "training.safetensors")
    assert resumed.steps == 5
    losses(resumed, data, 4, "both")
    for name, values in straight.weights().items():
        assert np.array_equal(values, resumed.weights()[name]), name
    for name, values in straight.network.state_dict().items():
        assert torch.equal(values, resumed.network.state_dict()[name]), name


def test_a_checkpoint_that_does_not_fit_is_refused(data: Windows, tmp_path: Path) -> None:
    path = tmp_path / "training.safetensors"
    learner(data).save(path)
    with pytest.raises(BadCheckpoint, match="another configuration"):
        learner(data, hidden=16).resume(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadCheckpoint, match="torn"):
        learner(data).resume(path)


def test_validation_measures_the_loss_and_sampled_chunks(data: Windows) -> None:
    pupil = learner(data)

    def figures() -> dict[str, float]:
        return validate(pupil.backbone, pupil.averaged(), pupil.scaling, data)

    fresh = figures()
    assert set(fresh) == {"loss", "position_cm", "pose_cm", "pose_deg"}
    losses(pupil, data, 60, "both")
    taught = figures()
    assert all(taught[name] < fresh[name] for name in ("loss", "position_cm", "pose_cm"))
    assert taught == figures(), "the noise is the same at every call"
