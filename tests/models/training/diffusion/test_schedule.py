"""Training's schedule and the sampler's tables are the same one of the diffusers library."""

import numpy as np
import pytest
import torch

from models.policies.diffusion.config import DiffusionConfig
from models.training.diffusion.schedule import ddim, ddim_tables, ddpm


def test_training_and_sampling_mean_the_same_by_a_level() -> None:
    config = DiffusionConfig()
    training, tables = ddpm(config), ddim_tables(config)
    assert len(training.alphas_cumprod) == config.noise_levels
    assert np.allclose(training.alphas_cumprod[tables.levels].numpy(), tables.signal[:-1], atol=1e-7)
    assert np.array_equal(ddim(config).timesteps.numpy(), tables.levels)
    assert (np.diff(tables.levels) < 0).all()
    assert (np.diff(tables.signal) > 0).all()


def test_noise_is_added_as_in_the_paper() -> None:
    training = ddpm(DiffusionConfig())
    clean, noise = torch.randn(3, 4, 14), torch.randn(3, 4, 14)
    level = torch.tensor([0, 50, 99])
    signal = training.alphas_cumprod[level][:, None, None]
    wanted = signal.sqrt() * clean + (1 - signal).sqrt() * noise
    assert torch.allclose(training.add_noise(clean, noise, level), wanted)


@pytest.mark.parametrize("prediction", ["sample", "epsilon", "v_prediction"])
def test_the_training_target_leads_the_sampler_back(prediction: str) -> None:
    """A network that predicts what the learner's loss wants makes the sampler return the clean chunk."""
    config = DiffusionConfig(prediction=prediction)
    training, tables = ddpm(config), ddim_tables(config)
    random = np.random.default_rng(0)
    clean = random.uniform(-0.9, 0.9, (2, 16, 14)).astype(np.float32)

    def denoise(x: np.ndarray, level: np.ndarray) -> np.ndarray:
        signal = training.alphas_cumprod[torch.from_numpy(level)].numpy()[:, None, None]
        noise = (x - np.sqrt(signal) * clean) / np.sqrt(1 - signal)
        velocity = training.get_velocity(*(torch.from_numpy(v) for v in (clean, noise, level))).numpy()
        return {"sample": clean, "epsilon": noise, "v_prediction": velocity}[prediction].astype(np.float32)

    found = tables.sample(random.standard_normal((2, 16, 14), np.float32), denoise)
    assert np.allclose(found, clean, atol=2e-2 if prediction == "epsilon" else 1e-3)
