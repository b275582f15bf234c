"""Begin the training of a world where another one ended: its weights become the first checkpoint of each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.camera import Camera
from core.errors import BadConfig
from models.training.transport.cache import save_whole
from models.worlds.transport.checkpoint import open_checkpoint
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.torch_backend import load_net


def begin_from(weights: Path, config: TransportConfig, cameras: Sequence[Camera], out: Path) -> None:
    """Write background and checkpoints of both learned stages into `out`, where it has none.

    The background is that of the other world too: its object maps were learned against it.

    Raises:
        BadCheckpoint: the weights are missing, torn or of another version.
        BadConfig: they are of other sizes, another gripper or other cameras than the data.
    """
    checkpoint = open_checkpoint(weights)
    theirs = checkpoint.config.to_dict()
    other = [field.name for field in fields(config) if config.to_dict()[field.name] != theirs[field.name]]
    seen = [camera.to_dict() for camera in checkpoint.workcell.cameras]
    if other or seen != [camera.to_dict() for camera in cameras]:
        what = ", ".join(other) or "the cameras"
        raise BadConfig(
            f"{weights} cannot be trained further on these data: {what} differ. Train a world from its beginning "
            "(leave --start away), or choose data of the same workcell."
        )
    net = load_net(checkpoint)
    background = (net.get_buffer("background").movedim(1, -1) * 255).round().to(torch.uint8).numpy()
    dynamics = dict(net.dynamics.named_parameters())
    rest = {name: value for name, value in net.named_parameters() if not name.startswith("dynamics.")}
    for name, weight in (("appearance", rest), ("contact", dynamics)):
        _checkpoint(out / f"{name}.safetensors", weight)
    if not (out / "background.npy").exists():
        save_whole(out / "background.npy", np.ascontiguousarray(background))


def _checkpoint(file: Path, weights: Mapping[str, Tensor]) -> None:
    if file.exists():
        return
    kept = {name: weight.detach().clone().contiguous() for name, weight in weights.items()}
    tensors = {f"weight/{name}": value for name, value in kept.items()}
    tensors |= {f"average/{name}": value.clone() for name, value in kept.items()}
    partial = file.with_suffix(".partial")
    save_file(tensors, partial, {"elapsed": "0.0", "steps": "0"})
    partial.rename(file)
