import numpy as np
import torch

from models.policies.flow.config import FlowConfig
from models.training.flow.backbone import FlowBackbone, times

CONFIG = FlowConfig(image_size=8, channels=4, keypoints=4, horizon=4, tokens=2, width=16, heads=2, layers=1)


def test_times_follow_the_distribution_of_pi0() -> None:
    found = times(20_000, torch.Generator().manual_seed(0)).numpy()
    assert found.min() >= 0.0
    assert found.max() < 1.0
    for time in (0.2, 0.5, 0.8):  # Beta(1.5, 1) lies below x with probability x ** 1.5
        assert np.isclose(np.mean(found > 0.999 * (1 - time)), time**1.5, atol=0.02)


def test_the_true_velocity_has_no_error_and_leads_the_sampler_to_the_chunk() -> None:
    backbone, random = FlowBackbone(CONFIG), torch.Generator().manual_seed(1)
    target = torch.rand(3, 4, 14, generator=random) - 0.5

    class Oracle:
        """A network that knows the chunk: the velocity at x is (chunk - x) / (1 - time)."""

        def condition(self, seen: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
            return seen

        def expert(self, x: torch.Tensor, time: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
            return (target.repeat_interleave(len(x) // 3, 0) - x) / (1 - time[:, None, None])

    seen = torch.zeros(3, 1)
    errors = backbone.errors(Oracle(), target, seen, seen, 2, torch.Generator().manual_seed(2))
    assert errors.shape == (6, 4, 14)
    assert errors.max() < 1e-4
    noise = np.random.default_rng(0).standard_normal((3, 4, 14), np.float32)
    assert np.allclose(backbone.sample(Oracle(), seen, seen, noise), target.numpy(), atol=1e-4)
