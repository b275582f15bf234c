from pathlib import Path

import numpy as np
import torch

from models.policies.diffusion.graphs import network_of
from models.policies.diffusion.network import ObserveGraph
from models.policies.diffusion.policy import load
from tests.models.policies.tiny import tiny_checkpoint


def test_the_graph_computes_what_the_network_does(tiny_path: Path) -> None:
    tiny, checkpoint, random = load(tiny_path), tiny_checkpoint(), np.random.default_rng(0)
    frames = random.integers(0, 256, (3, 2, 16, 16, 3), np.uint8)
    states = random.standard_normal((3, 28), np.float32)
    network = network_of(checkpoint.config, checkpoint.weights)
    with torch.inference_mode():
        wanted = ObserveGraph(network)(torch.from_numpy(frames), torch.from_numpy(states)).numpy()
    condition = tiny._graphs.observe(frames, states)
    assert np.allclose(condition, wanted, atol=1e-5)
    noisy, level = random.standard_normal((3, 6, 14), np.float32), np.array([0, 50, 99])
    with torch.inference_mode():
        clean = network.denoiser(*(torch.from_numpy(part) for part in (noisy, level, condition))).numpy()
    assert np.allclose(tiny._graphs.denoise(noisy, level, condition), clean, atol=1e-5)
