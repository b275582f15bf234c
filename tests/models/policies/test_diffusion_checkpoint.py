import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadCheckpoint
from models.policies.chunks.checkpoint import card_path, policy_kind, policy_shape
from models.policies.diffusion.checkpoint import load_checkpoint, save
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.graphs import network_of
from models.policies.diffusion.policy import load
from tests.models.policies.tiny import TINY, tiny_checkpoint, write_tiny


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path, wrote = write_tiny(tmp_path), tiny_checkpoint()
    read = load_checkpoint(path, TINY.task)
    assert read.config == wrote.config
    assert read.weights.keys() == wrote.weights.keys()
    assert all(np.array_equal(read.weights[name], wrote.weights[name]) for name in wrote.weights)
    assert np.array_equal(read.ddim.signal, wrote.ddim.signal)
    assert np.array_equal(read.scaling.chunk_half, wrote.scaling.chunk_half)
    card = json.loads(card_path(path).read_text())
    assert card["sha256"] == read.sha256
    assert card["data"] == "none"


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="train policy"):
        load(tmp_path / "none.safetensors")


def test_torn_weights(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    card_path(path).unlink()
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(BadCheckpoint, match="torn"):
        load(path)
    path.write_bytes(b"")
    with pytest.raises(BadCheckpoint, match="torn"):
        load(path)


def test_one_flipped_bit_is_noticed_by_the_card(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match="not those of their card"):
        load(path)


def test_a_card_that_cannot_be_read(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    card_path(path).write_text('{"sha')
    with pytest.raises(BadCheckpoint, match="card"):
        load(path)


def test_weights_of_another_task(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="trained for 'toy', not for 'push_t'"):
        load(write_tiny(tmp_path), task="push_t")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"format": "pt"}, "no diffusion policy"),
        ({"format": "hi-wm-diffusion-policy", "version": "9", "config": TINY.to_json()}, "version '9'"),
        ({"format": "hi-wm-diffusion-policy", "version": "1", "config": '{"cameras": [], "size": 3}'}, "configuration"),
        ({"format": "hi-wm-diffusion-policy", "version": "1"}, "configuration"),
        ({"format": "hi-wm-diffusion-policy", "version": "1", "config": TINY.to_json()}, "incomplete"),
    ],
)
def test_another_file(tmp_path: Path, header: dict[str, str], words: str) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "other.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, path, header)
    with pytest.raises(BadCheckpoint, match=words):
        load(path)


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint()
    weights = dict(checkpoint.weights)
    weights["pose.bias"] = np.full(4, np.nan, np.float32)
    save(tmp_path / "nan.safetensors", replace(checkpoint, weights=weights), {})
    with pytest.raises(BadCheckpoint, match=r"not finite.*pose\.bias"):
        load(tmp_path / "nan.safetensors")


def test_weights_of_other_shapes_than_their_configuration() -> None:
    with pytest.raises(BadCheckpoint, match="do not fit"):
        network_of(replace(TINY, hidden=24), tiny_checkpoint().weights)


def test_the_configuration_survives_the_header() -> None:
    assert DiffusionConfig.from_json(TINY.to_json()) == TINY


def test_kind_and_shape_are_read_from_the_header_alone(tiny_path: Path, tmp_path: Path) -> None:
    assert policy_kind(tiny_path) == "diffusion"
    shape = policy_shape(tiny_path)
    assert (shape.task, shape.cameras, shape.horizon) == (TINY.task, TINY.cameras, TINY.horizon)
    with pytest.raises(BadCheckpoint, match="no policy weights at"):
        policy_kind(tmp_path / "none.safetensors")
    (tmp_path / "torn.safetensors").write_bytes(tiny_path.read_bytes()[:40])
    with pytest.raises(BadCheckpoint, match="torn"):
        policy_shape(tmp_path / "torn.safetensors")
