"""The exported drawing makes the pictures that the network makes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.seeds import generator
from models import shipped_weights
from models.tasks.push_t import geometry as g
from models.training.transport.export import export_again
from models.worlds.transport.checkpoint import open_checkpoint
from models.worlds.transport.drawing import Drawing, shuffled, twice_as_large, unshuffled
from models.worlds.transport.network import TransportNet
from models.worlds.transport.state import TransportState
from models.worlds.transport.torch_backend import load_net
from models.worlds.transport.world import load
from tests.models.worlds.fresh import hands, random_net, start_scene

SHARE = 1e-3
"""Of the numbers of a picture that may differ by one level."""


def require_same_pictures(drawn: Tensor, wanted: Tensor) -> None:
    apart = (drawn.int() - wanted.int()).abs()
    assert apart.max() <= 1
    assert (apart > 0).float().mean() < SHARE


def states(count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Maps, poses and end effectors all over the table."""
    random = np.random.default_rng(1)
    measured = np.tile(g.HOME, (count, 1))
    measured[:, [0, 1, 2, 7, 8, 9]] += random.normal(0, 0.08, (count, 6))
    measured[:, [3, 4, 5, 10, 11, 12]] = random.normal(0, 0.3, (count, 6))
    pose = np.stack([random.uniform(0.3, 0.7, count), random.uniform(-0.2, 0.2, count), random.normal(0, 2, count)], -1)
    maps = random.random((count, 6, 64, 64))
    return tuple(torch.from_numpy(a.astype(np.float32)) for a in (maps, pose, measured))  # type: ignore[return-value]


@pytest.fixture(scope="module")
def shipped() -> TransportNet:
    weights = shipped_weights("transport", "push_t")
    if not weights.is_file():
        pytest.skip(f"{weights.name} is not here yet: main.py train world writes it")
    return load_net(open_checkpoint(weights))


@torch.inference_mode()
def test_random_weights_draw_the_same_pictures() -> None:
    net, given = random_net(), states(3)
    require_same_pictures(Drawing(net)(*given), net.pictures(*given))


@torch.inference_mode()
def test_shipped_weights_draw_the_same_pictures(shipped: TransportNet) -> None:
    given = states(6)
    require_same_pictures(Drawing(shipped)(*given), shipped.pictures(*given))


@torch.inference_mode()
def test_a_finger_seen_end_on_is_drawn() -> None:
    """The camera on top looks down along it."""
    net = random_net()
    for name in ("closed", "per_opening"):
        getattr(net.skeleton, name).data[..., :2] = 0.0
    middle = hands(left_x=0.5, left_y=0.0, right_x=0.5, right_y=0.0)
    u = torch.arange(64)[None, None, :].expand(1, 64, 64) * 2.0 + 0.5
    wanted = net.skeleton.draw(middle, net.projection[0], net.focal[0], u, u.transpose(1, 2))
    assert torch.allclose(Drawing(net).segments(middle)[:, 0], wanted, atol=2e-3)


@torch.inference_mode()
def test_the_shipped_graph_draws_the_same_pictures_along_a_rollout(shipped: TransportNet) -> None:
    world = load(None, "cpu")
    random, action, (state,) = generator(0), world.spec.home.copy(), world.reset([start_scene(0)], [0])
    for _ in range(40):
        action[[0, 1, 7, 8]] += random.normal(0, 0.012, 4).astype(np.float32)
        (state,), _ = world.step([state], world.spec.limits.clip(action)[None, None], [0])
        assert isinstance(state, TransportState)
        maps, pose, measured = (
            torch.from_numpy(a[None].copy()) for a in (state.object.cells, state.pose, state.measured)
        )
        seen = world.observe([state])[0].frames
        frames = np.stack([seen[camera.name] for camera in world.spec.cameras])
        require_same_pictures(torch.from_numpy(frames), shipped.pictures(maps, pose, measured)[0])


def test_shuffling_by_pieces_is_a_pixel_shuffle() -> None:
    maps = torch.rand(2, 12, 4, 6)
    assert torch.equal(twice_as_large(maps), F.pixel_shuffle(maps, 2))
    pictures = torch.rand(2, 3, 8, 12)
    assert torch.equal(shuffled(unshuffled(pictures).flatten(1, 2)), pictures.permute(0, 2, 3, 1))


@pytest.mark.slow
def test_the_shipped_graphs_are_what_the_export_writes(shipped: TransportNet, tmp_path: Path) -> None:
    weights = shipped_weights("transport", "push_t")
    for file in (weights, weights.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    card = json.loads(weights.with_suffix(".json").read_text())
    assert export_again(tmp_path / weights.name) == card["graphs"]
    assert json.loads((tmp_path / weights.with_suffix(".json").name).read_text()) == card
