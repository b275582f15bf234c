from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import BadConfig
from models.policies.flow.config import FlowConfig
from models.training.diffusion.backbone import DiffusionBackbone
from models.training.flow.backbone import FlowBackbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source, require_mixture
from models.training.policy.preference import Pairs, preference_loss
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import fit_scaling
from models.training.policy.windows import Windows
from tests.models.training.policy.recorded import CONFIG, SIZE, write

FLOW = FlowConfig(
    task="spot", frame_size=SIZE, image_size=SIZE // 2, channels=8, keypoints=4, horizon=4, executed=2,
    sampling_steps=5, tokens=2, width=16, heads=2, layers=2,
)  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Windows:
    return read_windows([write(tmp_path / "demos")], CONFIG, "train")


class Shift:
    """A backbone whose network is one number: its squared error is (target - number) ** 2."""

    def errors(
        self, network: float | torch.Tensor, target: torch.Tensor, seen: Any, states: Any, many: int, noise: Any
    ) -> torch.Tensor:
        return (target.repeat_interleave(many, 0) - network + 0 * torch.randn(1, generator=noise)).square()


def pairs(inside: list[bool]) -> Pairs:
    better, worse = torch.full((1, 2, 14), 1.0), torch.full((1, 2, 14), -1.0)
    worse[:, 1] = 9.0
    return Pairs(better, worse, torch.tensor([inside]), torch.zeros(1, 1), torch.zeros(1, 28))


def test_the_loss_is_the_worked_one() -> None:
    noise = torch.Generator().manual_seed(0)
    unmoved = preference_loss(Shift(), 0.0, 0.0, pairs([True, False]), 3, noise, beta=2.0)
    assert np.isclose(float(unmoved), np.log(2.0))
    # errors of the correction 1 -> 0.25, of the plan 1 -> 2.25: the margin is 0.75 + 1.25 = 2
    moved = preference_loss(Shift(), 0.5, 0.0, pairs([True, False]), 3, noise, beta=2.0)
    assert np.isclose(float(moved), np.log1p(np.exp(-4.0)))


def test_its_gradient_goes_from_the_plan_to_the_correction() -> None:
    number = torch.tensor(0.0, requires_grad=True)
    noise = torch.Generator().manual_seed(0)
    preference_loss(Shift(), number, 0.0, pairs([True, False]), 1, noise, beta=2.0).backward()
    assert number.grad is not None
    assert number.grad < 0, "the number grows towards the correction"


@pytest.mark.parametrize("backbone", [DiffusionBackbone(CONFIG), FlowBackbone(FLOW)], ids=["diffusion", "flow"])
def test_training_on_pairs_makes_the_correction_likelier(data: Windows, backbone: Any) -> None:
    worse = data.chunks(np.arange(len(data)), CONFIG.horizon) + np.float32(0.1)
    worse[10:] = np.nan
    source = Source("fixes", data, rejected=worse, past_end="mask")
    step = StepConfig(batch=16, chunks_per_look=2, preference=1.0, beta=5.0)
    pupil = Learner(backbone, fit_scaling(data, CONFIG.horizon), step, 0, bf16=False)
    pupil.begin_from(pupil.weights())
    pupil.freeze([source])
    found = [pupil.step([source], 3e-3, "act")["preference"] for _ in range(40)]
    assert np.isclose(found[0], np.log(2.0), atol=1e-5), "it begins where the base is"
    assert np.mean(found[-5:]) < 0.9 * found[0]


def test_without_pairs_or_weight_nothing_changes(data: Windows) -> None:
    worse = data.chunks(np.arange(len(data)), CONFIG.horizon)
    plain, paired = Source("demos", data), Source("demos", data, rejected=worse)

    def weights(source: Source, preference: float) -> dict[str, np.ndarray]:
        step = StepConfig(batch=8, chunks_per_look=2, preference=preference)
        pupil = Learner(DiffusionBackbone(CONFIG), fit_scaling(data, CONFIG.horizon), step, 0, bf16=False)
        pupil.begin_from(pupil.weights())
        pupil.freeze([source])
        assert ("preference" in pupil.step([source], 1e-3, "act")) == (preference > 0)
        return pupil.weights()

    wanted, ignored, empty = weights(plain, 0.0), weights(paired, 0.0), weights(plain, 1.0)
    for name, values in wanted.items():
        assert np.array_equal(values, ignored[name]), name
        assert np.array_equal(values, empty[name]), name


def test_chunks_of_another_number_of_rows_are_refused(data: Windows) -> None:
    source = Source("fixes", data, rejected=np.zeros((3, 4, 14), np.float32))
    with pytest.raises(BadConfig, match=r"rejected chunks of 'fixes' have the shape \(3, 4, 14\).*each of its 20 rows"):
        require_mixture([source])
    require_mixture([replace(source, rejected=np.zeros((20, 4, 14), np.float32))])
