"""The noise schedule: diffusers in training, its tables written out for the sampler that ships."""

from typing import Any

import numpy as np
from diffusers import DDIMScheduler, DDPMScheduler

from core.errors import BadConfig
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.ddim import Ddim


def ddpm(config: DiffusionConfig) -> Any:
    """The scheduler that adds noise in training."""
    return DDPMScheduler(  # type: ignore[no-untyped-call]
        num_train_timesteps=config.noise_levels,
        beta_schedule="squaredcos_cap_v2",
        prediction_type=config.prediction,
        clip_sample=True,
    )


def ddim(config: DiffusionConfig) -> Any:
    """The library's own sampler of the same schedule; the tests compare ours with it."""
    scheduler: Any = DDIMScheduler(  # type: ignore[no-untyped-call]
        num_train_timesteps=config.noise_levels,
        beta_schedule="squaredcos_cap_v2",
        prediction_type=config.prediction,
        clip_sample=True,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
    )
    scheduler.set_timesteps(config.sampling_steps)
    return scheduler


def ddim_tables(config: DiffusionConfig) -> Ddim:
    """What the library would visit and use, as arrays.

    Raises:
        BadConfig: the levels cannot be visited in equal strides.
    """
    if config.noise_levels % config.sampling_steps:
        raise BadConfig(
            f"{config.sampling_steps} sampling steps do not divide {config.noise_levels} noise levels. Choose others."
        )
    scheduler = ddim(config)
    levels = scheduler.timesteps.numpy().astype(np.int64)
    signal = [*(float(scheduler.alphas_cumprod[level]) for level in levels), float(scheduler.final_alpha_cumprod)]
    return Ddim(levels, np.asarray(signal, np.float32), config.prediction)
