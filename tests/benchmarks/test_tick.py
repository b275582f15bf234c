import numpy as np
import pytest
import torch

from benchmarks.denoiser import PAST, STEPS, Denoiser, imagined_frame, inputs, noise_levels, parameters
from benchmarks.tick import Costs, Measured, figures_of, require_whole
from core.observation import Observation


def test_the_denoiser_has_the_published_size() -> None:
    assert parameters(Denoiser()) == pytest.approx(4.4e6, rel=0.01)


def test_a_frame_takes_three_evaluations_of_falling_noise() -> None:
    asked: list[tuple[int, ...]] = []

    def network(noisy: torch.Tensor, past: torch.Tensor, level: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        asked.append((noisy.shape[1], past.shape[1], *level.shape, *actions.shape[1:]))
        return torch.zeros_like(noisy)

    frame = imagined_frame(network, *inputs(16))
    assert asked == [(3, 3 * PAST, 1, PAST, 14)] * STEPS
    assert frame.shape == (1, 3, 16, 16)
    assert torch.isfinite(frame).all()
    levels = noise_levels()
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 0


def test_the_network_draws_at_the_size_that_it_is_given() -> None:
    noise, past, actions = inputs(16)
    with torch.no_grad():
        assert Denoiser()(noise, past, torch.zeros(1), actions).shape == (1, 3, 16, 16)


def test_ratios_divide_the_denoisers_one_view_by_our_step_with_both() -> None:
    ours = Costs(step=[1.0] * 3, draw=[7.0] * 3, judge=[3.0] * 3, processor=[8.0] * 3)
    eager = Costs(step=[4.0], draw=[16.0], judge=[3.0], processor=[20.0])
    frames = {"eager torch": [900.0], "ONNX": [800.0], "torch.compile": [640.0]}
    found = Measured(ours, eager, frames, peaks=[50.0], rounds=[8.0], busy=1.0)
    figures = {f.name: f for f in figures_of(found, flop=0.32e9, their_flop=64e9, count=4_406_659)}
    assert figures["steps_per_s"].value == pytest.approx(125)
    assert figures["steps_per_s"].holds
    assert not figures["ratio_to_denoiser"].holds
    assert figures["ratio_to_denoiser"].value == pytest.approx(640 / 8), "the best of theirs against ours"
    assert figures["ratio_eager"].value == pytest.approx(900 / 20)
    assert figures["gflops"].value == pytest.approx(40)
    assert figures["peak_share"].value == pytest.approx(0.8)
    assert figures["denoiser_gflops"].value == pytest.approx(100)
    assert figures["judge_ms"].value == 3.0


def test_a_share_of_the_peak_is_that_of_its_own_round() -> None:
    costs = Costs(step=[1.0] * 3, draw=[7.0] * 3, judge=[3.0] * 3, processor=[8.0] * 3)
    frames = {"eager torch": [640.0, 1280.0, 640.0]}
    found = Measured(costs, costs, frames, peaks=[80.0, 40.0, 80.0], rounds=[8.0, 16.0, 8.0], busy=1.0)
    figures = {f.name: f for f in figures_of(found, flop=0.32e9, their_flop=32e9, count=4_406_659)}
    assert figures["peak_share"].value == pytest.approx(0.5)
    assert figures["peak_share"].holds
    assert figures["denoiser_peak_share"].value == pytest.approx(0.625)


def test_a_step_that_shows_less_than_promised_is_not_timed() -> None:
    frame = np.zeros((128, 128, 3), np.uint8)
    ee, trust = np.zeros(14, np.float32), np.ones(1, np.float32)
    require_whole(Observation({"top": frame, "front": frame}, ee), trust)
    with pytest.raises(ValueError, match="two 128 px views"):
        require_whole(Observation({"top": frame}, ee), trust)
    with pytest.raises(ValueError, match="trust"):
        require_whole(Observation({"top": frame, "front": frame}, ee), None)
