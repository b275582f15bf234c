from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import BadConfig
from models.policies.diffusion.config import DiffusionConfig
from models.training.diffusion.schedule import ddim, ddim_tables


@pytest.mark.parametrize("prediction", ["epsilon", "sample", "v_prediction"])
@pytest.mark.parametrize("steps", [5, 10, 20])
def test_the_sampler_is_the_one_of_the_library(prediction: str, steps: int) -> None:
    """Against diffusers' DDIMScheduler, with a predictor that depends on everything that it is given."""
    config = replace(DiffusionConfig(), prediction=prediction, sampling_steps=steps)
    random = np.random.default_rng(1)
    noise = random.standard_normal((2, 16, 14), np.float32)
    mixing = random.standard_normal((14, 14)).astype(np.float32) / 4.0

    def predict(x: np.ndarray, level: np.ndarray) -> np.ndarray:
        return np.tanh(x @ mixing + 0.01 * level[:, None, None]).astype(np.float32)

    ours = ddim_tables(config).sample(noise, predict)
    library, x = ddim(config), torch.from_numpy(noise)
    for level in library.timesteps:
        guess = predict(x.numpy(), np.full(2, int(level)))
        x = library.step(torch.from_numpy(guess), level, x).prev_sample
    assert ours.dtype == np.float32
    assert np.allclose(ours, x.numpy(), atol=2e-5)


def test_the_last_step_gives_the_clean_chunk() -> None:
    tables = ddim_tables(DiffusionConfig())
    assert tables.levels[0] == 99
    assert tables.signal[-1] == 1.0
    wanted = np.full((1, 16, 14), 0.3, np.float32)
    assert np.allclose(tables.sample(np.ones_like(wanted), lambda x, level: wanted), wanted)


def test_strides_that_the_library_would_not_visit_evenly_are_refused() -> None:
    with pytest.raises(BadConfig, match="do not divide"):
        ddim_tables(replace(DiffusionConfig(), sampling_steps=8))
