"""The transport world in torch: on a GPU in bfloat16, or eager on the processor."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import BadCheckpoint
from models.worlds.transport.checkpoint import Checkpoint
from models.worlds.transport.graphs import Decode, Encode, Step
from models.worlds.transport.network import TransportNet
from models.worlds.transport.views import Views

Array = NDArray[np.float32]


def gpu_available() -> bool:
    """Whether torch finds a GPU."""
    return torch.cuda.is_available()


def load_net(checkpoint: Checkpoint) -> TransportNet:
    """The network with the weights of a checkpoint.

    Raises:
        BadCheckpoint: the weights do not fit the card's config.
    """
    arrays = {k: torch.from_numpy(v) for k, v in checkpoint.arrays().items() if not k.startswith("trust.")}
    if "background" not in arrays:
        raise BadCheckpoint(f"{checkpoint.weights} holds no background: it is not a transport world.")
    net = TransportNet(checkpoint.config, Views.of(checkpoint.workcell.cameras), arrays["background"])
    try:
        net.load_state_dict(arrays)
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        raise BadCheckpoint(f"{checkpoint.weights} does not fit its card: {first} Export the world again.") from error
    return net.eval()


class TorchBackend:
    """Eager torch, inference mode per call."""

    def __init__(self, checkpoint: Checkpoint, device: str, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        self._device = torch.device(device)
        net = load_net(checkpoint).to(self._device)
        net.mixed = device == "cuda"
        self._encode, self._step, self._draw = Encode(net), Step(net), Decode(net)
        self.name = f"torch {torch.__version__} {device}{' bfloat16' if net.mixed else ''}"

    def _in(self, array: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(np.array(array)).to(self._device)

    @torch.inference_mode()
    def encode(self, frames: NDArray[np.uint8], ee: Array) -> tuple[Array, Array]:
        """See Backend."""
        pose, maps = self._encode(self._in(frames), self._in(ee))
        return pose.cpu().numpy(), maps.cpu().numpy()

    @torch.inference_mode()
    def step(
        self, distance: Array, shape: Array, pose: Array, before: Array, measured: Array, action: Array
    ) -> tuple[Array, Array, Array]:
        """See Backend."""
        given = [self._in(a) for a in (distance, shape, pose, before, measured, action)]
        after, hands, signs = self._step(*given)
        return after.cpu().numpy(), hands.cpu().numpy(), signs.cpu().numpy()

    @torch.inference_mode()
    def draw(self, maps: Array, pose: Array, measured: Array) -> NDArray[np.uint8]:
        """See Backend."""
        return np.asarray(self._draw(self._in(maps), self._in(pose), self._in(measured)).cpu().numpy())
