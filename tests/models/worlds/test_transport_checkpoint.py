"""Weights, card and graphs on disk: an error is one message that names file, cause and fix."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.errors import BadCheckpoint, BadConfig
from core.workcell import same_workcell
from models.tasks.push_t import geometry as g
from models.worlds.transport.backends import OnnxBackend, open_backend
from models.worlds.transport.checkpoint import file_hash, open_checkpoint
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.graphs import examples
from models.worlds.transport.network import TransportNet
from models.worlds.transport.torch_backend import load_net
from models.worlds.transport.world import load
from tests.models.worlds.fresh import CONFIG, random_net, write_fresh


@pytest.fixture(scope="module")
def net() -> TransportNet:
    return random_net()


@pytest.fixture
def weights(tmp_path: Path, net: TransportNet) -> Path:
    return write_fresh(tmp_path, net)


def edit_card(weights: Path, **changes: Any) -> None:
    """Change the card; None removes an entry."""
    file = weights.with_suffix(".json")
    card = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({k: v for k, v in card.items() if v is not None}))


def edit_weights(weights: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    """Change the tensors, and the hash in the card with them."""
    arrays = dict(load_file(weights))
    change(arrays)
    save_file(arrays, weights)
    edit_card(weights, sha256=file_hash(weights))


def test_what_was_written_is_read(weights: Path) -> None:
    checkpoint = open_checkpoint(weights)
    assert checkpoint.config == CONFIG
    assert [c.name for c in checkpoint.workcell.cameras] == ["top", "front"]
    world = load(weights, "torch")
    assert world.spec.identity.sha256 == file_hash(weights)
    assert world.spec.identity.name == "transport"
    assert "torch" in world.spec.identity.backend
    assert world.spec.tolerance == {"position_m": 0.01, "angle_rad": 0.1}


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_missing_file(weights: Path, suffix: str) -> None:
    gone = weights.with_suffix(suffix)
    gone.unlink()
    with pytest.raises(BadCheckpoint, match=f"{gone.name} is missing. Restore it .* train world"):
        load(weights)


def test_torn_weights(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BadCheckpoint, match=r"world.safetensors does not match its card: .* torn .* restore both"):
        load(weights, "torch")


def test_weights_that_are_no_safetensors_even_with_a_matching_card(weights: Path) -> None:
    weights.write_bytes(b"nothing of the kind")
    edit_card(weights, sha256=file_hash(weights))
    with pytest.raises(BadCheckpoint, match=r"world.safetensors cannot be read .* Restore it"):
        load(weights, "torch")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 3'])
def test_a_torn_card(weights: Path, text: str) -> None:
    weights.with_suffix(".json").write_text(text)
    with pytest.raises(BadCheckpoint, match=r"world.json is not the card of a transport world .* Export it again"):
        load(weights, "torch")


def test_a_card_from_before_workcells_is_read(weights: Path) -> None:
    edit_card(weights, workcell=None, **before_workcells())
    spec = load(weights, "torch").spec
    assert same_workcell(spec.workcell, replace(g.WORKCELL, name="unnamed", table=None))


def before_workcells() -> dict[str, Any]:
    values = g.WORKCELL.to_dict()
    return {key: values[key] for key in ("cameras", "dt", "limits", "home")}


def test_cameras_without_a_calibration_are_refused(weights: Path) -> None:
    cameras = tuple(camera.uncalibrated() for camera in g.CAMERAS)
    edit_card(weights, workcell=replace(g.WORKCELL, cameras=cameras).to_dict())
    with pytest.raises(BadCheckpoint, match=r"A transport world needs calibrated cameras, and the camera 'top'"):
        load(weights, "torch")


@pytest.mark.parametrize("name", ["graphs", "task", "limits", "home", "tolerance", "cameras", "sha256"])
def test_a_card_that_lacks_something(weights: Path, name: str) -> None:
    edit_card(weights, **{"workcell": None, **before_workcells(), name: None})
    with pytest.raises(BadCheckpoint, match=f"world.json is not the card of a transport world .*{name}"):
        load(weights, "torch")


def test_another_version(weights: Path) -> None:
    edit_card(weights, format="transport-world-0")
    with pytest.raises(
        BadCheckpoint, match=r"world.json is of format 'transport-world-0', .* 'transport-world-1'. Exp"
    ):
        load(weights, "torch")


def test_a_config_of_another_version(weights: Path) -> None:
    config = CONFIG.to_dict() | {"wings": 2}
    del config["heads"]
    edit_card(weights, config=config)
    with pytest.raises(BadCheckpoint, match="config differs from this version in: heads, wings"):
        load(weights, "torch")
    assert TransportConfig.from_dict(CONFIG.to_dict()) == CONFIG


def test_another_task_is_refused_by_the_scenes_of_this_one(weights: Path) -> None:
    from tests.models.worlds.fresh import start_scene

    edit_card(weights, task="fold_towel")
    world = load(weights, "torch")
    assert world.spec.task == "fold_towel"
    with pytest.raises(BadConfig, match="learned 'fold_towel'; the scene is of 'push_t'"):
        world.reset([start_scene(0)], [0])


def test_weights_of_another_shape(weights: Path) -> None:
    edit_weights(weights, lambda a: a.update({"dynamics.gate.weight": np.zeros((1, 7), np.float32)}))
    with pytest.raises(BadCheckpoint, match=r"does not fit its card: .*dynamics.gate.weight.* Export"):
        load_net(open_checkpoint(weights))


def test_weights_of_something_else(weights: Path) -> None:
    edit_weights(weights, dict.clear)
    with pytest.raises(BadCheckpoint, match=r"no background|lack 'trust"):
        load(weights, "torch")


def test_weights_without_trust(weights: Path) -> None:
    edit_weights(weights, lambda a: a.pop("trust.bias"))
    with pytest.raises(BadCheckpoint, match=r"lack 'trust.bias'.*Export it once more"):
        load(weights, "torch")


def test_a_graph_that_is_missing_or_of_another_world(weights: Path) -> None:
    checkpoint = open_checkpoint(weights)
    with pytest.raises(BadCheckpoint, match=r"world.encoder.onnx is missing. Restore it"):
        OnnxBackend(checkpoint)
    weights.with_suffix(".encoder.onnx").write_bytes(b"another")
    with pytest.raises(BadCheckpoint, match=r"world.encoder.onnx does not belong to world.safetensors: .* Restore it"):
        OnnxBackend(checkpoint)


def test_a_torn_graph_with_a_matching_card(weights: Path) -> None:
    graph = weights.with_suffix(".encoder.onnx")
    graph.write_bytes(b"torn")
    edit_card(weights, graphs=dict.fromkeys(("encoder", "dynamics", "renderer"), file_hash(graph)))
    with pytest.raises(BadCheckpoint, match=r"world.encoder.onnx cannot be run .* Restore it"):
        OnnxBackend(open_checkpoint(weights))


def test_no_tensor_is_used_for_two_inputs_when_a_graph_is_traced(net: TransportNet) -> None:
    """It would make one input of both: a dynamics graph once never looked at the previous command."""
    for name, (_, inputs) in examples(net).items():
        assert len({t.data_ptr() for t in inputs}) == len(inputs), name


def test_unknown_devices_are_refused_in_words(weights: Path) -> None:
    with pytest.raises(BadConfig, match=r"no device 'tpu'.*auto, cpu, cuda or torch"):
        open_backend(open_checkpoint(weights), "tpu")
