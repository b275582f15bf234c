from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BadConfig
from models.training.diffusion.backbone import DiffusionBackbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source, counts, draw, require_mixture
from models.training.policy.reading import read_windows
from models.training.policy.step_config import StepConfig
from models.training.policy.train import fit_scaling
from models.training.policy.windows import Windows
from tests.models.training.policy.recorded import CONFIG, write


@pytest.fixture
def data(tmp_path: Path) -> Windows:
    return read_windows([write(tmp_path / "demos")], CONFIG, "train")


def learner(data: Windows, batch: int) -> Learner:
    step = StepConfig(batch=batch, chunks_per_look=2)
    return Learner(DiffusionBackbone(CONFIG), fit_scaling(data, CONFIG.horizon), step, 0, bf16=False)


def test_a_batch_is_divided_by_the_shares() -> None:
    assert counts([0.5, 0.35, 0.15], 64) == [32, 22, 10]
    assert counts([0.5, 0.5], 64) == [32, 32]
    assert counts([0.99, 0.01], 8) == [7, 1], "every source has at least one row"
    assert counts([1.0], 64) == [64]
    with pytest.raises(BadConfig, match="batch of 2 cannot hold rows of 3 sources"):
        counts([0.5, 0.3, 0.2], 2)


def test_rows_and_weights_say_what_is_drawn(data: Windows) -> None:
    weights = np.array([3.0, 1.0, 0.0], np.float32)
    sources = [
        Source("all", data, 0.5),
        Source("some", data, 0.5, rows=np.array([4, 9, 11]), weights=weights, past_end="mask"),
    ]
    require_mixture(sources)
    everything, some = draw(sources, 4000, np.random.default_rng(0))
    assert set(everything) == set(range(len(data)))
    assert np.isclose(np.mean(some == 4), 0.75, atol=0.03)
    assert np.isclose(np.mean(some == 9), 0.25, atol=0.03)
    assert 11 not in some


def test_one_source_is_drawn_as_ever(data: Windows) -> None:
    (rows,) = draw([Source("demos", data)], 8, np.random.default_rng((3, 5)))
    assert np.array_equal(rows, np.random.default_rng((3, 5)).integers(len(data), size=8))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"share": 0.4}, r"add up to 0.9, not to 1: demos 0.5, fixes 0.4"),
        ({"share": 0.0}, "share of 'fixes' is 0"),
        ({"name": "demos"}, "different name"),
        ({"rows": np.array([], np.int64)}, "'fixes' holds no step"),
        ({"rows": np.array([20])}, "rows outside of its 20 rows"),
        ({"weights": np.zeros(20, np.float32)}, "not all 0"),
        ({"weights": np.ones(19, np.float32)}, "20 finite numbers"),
        ({"weights": np.full(20, np.nan, np.float32)}, "20 finite numbers"),
    ],
)
def test_a_mixture_that_cannot_be_drawn_is_refused(data: Windows, changes: dict[str, object], words: str) -> None:
    fixes = replace(Source("fixes", data, 0.5), **changes)
    with pytest.raises(BadConfig, match=words):
        require_mixture([Source("demos", data, 0.5), fixes])


@pytest.mark.parametrize("phase", ["act", "both"])
def test_the_loss_is_the_mean_by_share_and_each_source_is_reported(data: Windows, phase: str) -> None:
    sources = [Source("demos", data, 0.7), Source("fixes", data, 0.3, past_end="mask")]
    pupil = learner(data, 10)
    pupil.freeze(sources)
    found = pupil.step(sources, 1e-3, phase)
    assert set(found) - {"pose"} == {"chunk", "chunk demos", "chunk fixes"}
    assert np.isclose(found["chunk"], 0.7 * found["chunk demos"] + 0.3 * found["chunk fixes"], rtol=1e-5)


def test_a_masked_target_past_the_end_teaches_nothing(data: Windows) -> None:
    last = np.array([6])  # of an episode: only the first target of its chunk was commanded

    def gradient(source: Source) -> torch.Tensor:
        pupil = learner(data, 4)
        pupil.freeze([source])
        pupil.step([source], 0.0, "act")
        return pupil.network.denoiser.leave.bias.grad.view(CONFIG.horizon, 14)

    masked = gradient(Source("fixes", data, rows=last, past_end="mask"))
    held = gradient(Source("fixes", data, rows=last))
    assert torch.any(masked[0] != 0)
    assert torch.all(masked[1:] == 0)
    assert torch.any(held[1:] != 0)
