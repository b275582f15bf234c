from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BadCheckpoint, BadConfig
from models import load_policy
from models.policies.chunks.checkpoint import policy_kind, policy_shape
from models.policies.flow.checkpoint import load_checkpoint, save
from models.policies.flow.config import FlowConfig
from models.policies.flow.euler import integrate
from models.policies.flow.graphs import network_of
from models.policies.flow.network import FlowNetwork, ObserveGraph
from models.policies.flow.policy import load
from tests.models.policies.tiny import TINY_FLOW, tiny_flow_checkpoint


def test_the_graphs_compute_what_the_network_does(tiny_paths: dict[str, Path]) -> None:
    checkpoint, random, tiny = tiny_flow_checkpoint(), np.random.default_rng(0), load(tiny_paths["flow"])
    frames, states = random.integers(0, 256, (3, 2, 16, 16, 3), np.uint8), random.standard_normal((3, 28), np.float32)
    network = network_of(checkpoint.config, checkpoint.weights)
    with torch.inference_mode():
        wanted = ObserveGraph(network)(torch.from_numpy(frames), torch.from_numpy(states)).numpy()
    memory = tiny._graphs.observe(frames, states)
    assert memory.shape == (3, 2, 2, 2 * 2 + 1 + 2, 16), "two tokens a view, the scene, two arms"
    assert np.allclose(memory, wanted, atol=1e-5)
    noisy, time = random.standard_normal((3, 6, 14), np.float32), np.array([0.0, 0.5, 0.9], np.float32)
    with torch.inference_mode():
        velocity = network.expert(*(torch.from_numpy(part) for part in (noisy, time, memory))).numpy()
    assert np.allclose(tiny._graphs.velocity(noisy, time, memory), velocity, atol=1e-5)


def test_a_token_holds_places_and_values_of_its_keypoints() -> None:
    network = FlowNetwork(TINY_FLOW)
    k = TINY_FLOW.keypoints
    view = [*((i, i + 0.5) for i in range(k)), *(10.0 * i for i in range(k))]
    flat = [float(v) for part in view for v in (part if isinstance(part, tuple) else (part,))]
    other = [-v for v in flat]
    grouped = network._grouped(torch.tensor([flat + other]))
    assert grouped.shape == (1, 4, 6)
    assert grouped[0, 0].tolist() == [0.0, 0.5, 1.0, 1.5, 0.0, 10.0]
    assert grouped[0, 1].tolist() == [2.0, 2.5, 3.0, 3.5, 20.0, 30.0]
    assert torch.equal(grouped[0, 2:], -grouped[0, :2])


def test_every_observation_reaches_the_actions_and_no_action_the_observations() -> None:
    checkpoint = tiny_flow_checkpoint()
    network = network_of(checkpoint.config, checkpoint.weights)
    seen = torch.randn(1, 2 * 12 + 132, requires_grad=True)
    states = torch.randn(1, 28, requires_grad=True)
    noisy = torch.randn(1, 6, 14, requires_grad=True)
    out = network.expert(noisy, torch.tensor([0.3]), network.condition(seen, states))
    out[0, 2].sum().backward()
    for inputs in (seen, states, noisy):
        assert inputs.grad is not None
        assert (inputs.grad != 0).all(), "one action depends on every number"


def test_euler_steps_follow_a_straight_path_exactly() -> None:
    random = np.random.default_rng(0)
    noise, chunk = (random.uniform(-0.9, 0.9, (2, 6, 14)).astype(np.float32) for _ in range(2))
    asked: list[float] = []

    def velocity(x: np.ndarray, time: np.ndarray) -> np.ndarray:
        asked.append(float(time[0]))
        assert np.allclose(x, noise + time[:, None, None] * (chunk - noise), atol=1e-5)
        return chunk - noise

    assert np.allclose(integrate(noise, velocity, 10), chunk, atol=1e-5)
    assert np.allclose(asked, np.arange(10) / 10)
    far = integrate(noise, lambda x, time: np.full_like(x, 9.0), 2)
    assert (far == 1.0).all(), "chunks stay within the ranges of the demonstrations"


def test_a_file_of_another_kind_is_refused(tiny_paths: dict[str, Path], tmp_path: Path) -> None:
    assert policy_kind(tiny_paths["flow"]) == "flow"
    assert policy_shape(tiny_paths["flow"]).horizon == TINY_FLOW.horizon
    with pytest.raises(BadCheckpoint, match=r"holds no flow policy \(its format is 'hi-wm-diffusion-policy'\)"):
        load(tiny_paths["diffusion"])
    with pytest.raises(BadCheckpoint, match="holds no diffusion policy"):
        load_policy("diffusion", "toy", tiny_paths["flow"])
    with pytest.raises(BadCheckpoint, match="--kind flow"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(BadConfig, match="No weights of 'flow' ship"):
        load_policy("flow", "toy")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    checkpoint = tiny_flow_checkpoint()
    wrong = replace(checkpoint, config=replace(checkpoint.config, layers=3))
    save(tmp_path / "wrong.safetensors", wrong, {})
    with pytest.raises(BadCheckpoint, match="do not fit their own configuration"):
        network_of(load_checkpoint(tmp_path / "wrong.safetensors").config, checkpoint.weights)


def test_sizes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(BadConfig, match="32 keypoints a view do not fill 5 tokens"):
        FlowConfig(tokens=5).require_whole()
    with pytest.raises(BadConfig, match="width of 128 does not divide into 3 heads"):
        FlowConfig(heads=3).require_whole()
