"""What computes a transport world: ONNX graphs on the processor, or torch where there is a GPU."""

import hashlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import BadCheckpoint, BadConfig
from models.worlds.transport.checkpoint import GRAPHS, Checkpoint

Array = NDArray[np.float32]


class Backend(Protocol):
    """Three functions on batches of plain arrays."""

    name: str

    def encode(self, frames: NDArray[np.uint8], ee: Array) -> tuple[Array, Array]:
        """(B, V, H, W, 3) and (B, 14) -> poses (B, 3) and maps (B, C, N, N)."""

    def step(
        self, distance: Array, shape: Array, pose: Array, before: Array, measured: Array, action: Array
    ) -> tuple[Array, Array, Array]:
        """Poses (B, 3), measured (B, 14) and signs (B, 4) after one step; distance is (B, 1, N, N)."""

    def draw(self, maps: Array, pose: Array, measured: Array) -> NDArray[np.uint8]:
        """(B, V, H, W, 3) pictures."""


class OnnxBackend:
    """The shipped graphs on one thread, without torch."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 1) -> None:
        """Open the graphs.

        Raises:
            BadCheckpoint: a graph is missing or is not the card's.
        """
        from models.onnx_runtime import version

        self._sessions = {part: self._open(checkpoint, part, threads) for part in GRAPHS}
        short = "".join(h[:4] for h in checkpoint.card["graphs"].values())
        self.name = f"onnxruntime {version} cpu, graphs {short}"

    @staticmethod
    def _open(checkpoint: Checkpoint, part: str, threads: int) -> Any:
        """The session of one graph, once its bytes are known to be the card's."""
        from models.onnx_runtime import REFUSED, inference_session, version

        file = checkpoint.graph(part)
        again = "Restore it, or export the world once more: main.py train world --stages export."
        try:
            graph = file.read_bytes()
        except OSError as error:
            cause = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
            raise BadCheckpoint(f"{file} {cause}. {again}") from error
        found = hashlib.sha256(graph).hexdigest()
        if found != checkpoint.card["graphs"].get(part):
            raise BadCheckpoint(
                f"{file} does not belong to {checkpoint.weights.name}: its SHA-256 begins {found[:12]}. {again}"
            )
        try:
            return inference_session(graph, threads)
        except REFUSED as error:
            raise BadCheckpoint(f"{file} cannot be run by onnxruntime {version} ({error}). {again}") from error

    def _run(self, part: str, *arrays: NDArray[Any]) -> list[Any]:
        session = self._sessions[part]
        feed = {i.name: np.ascontiguousarray(a) for i, a in zip(session.get_inputs(), arrays, strict=True)}
        return list(session.run(None, feed))

    def encode(self, frames: NDArray[np.uint8], ee: Array) -> tuple[Array, Array]:
        """See Backend."""
        pose, maps = self._run("encoder", frames, ee)
        return pose, maps

    def step(
        self, distance: Array, shape: Array, pose: Array, before: Array, measured: Array, action: Array
    ) -> tuple[Array, Array, Array]:
        """See Backend."""
        after, hands, signs = self._run("dynamics", distance, shape, pose, before, measured, action)
        return after, hands, signs

    def draw(self, maps: Array, pose: Array, measured: Array) -> NDArray[np.uint8]:
        """See Backend."""
        return np.asarray(self._run("renderer", maps, pose, measured)[0])


def open_backend(checkpoint: Checkpoint, device: str = "auto", threads: int = 1) -> Backend:
    """The backend of a device: "auto", "cpu", "cuda" (torch) or "torch" (torch on the processor).

    Raises:
        BadConfig: an unknown device, or a GPU that is not there.
    """
    if device not in ("auto", "cpu", "cuda", "torch"):
        raise BadConfig(f"There is no device {device!r} for a world. Choose auto, cpu, cuda or torch.")
    if device in ("cuda", "torch") or (device == "auto" and _gpu_likely()):
        from models.worlds.transport.torch_backend import TorchBackend, gpu_available

        if device == "cuda" and not gpu_available():
            raise BadConfig("The device 'cuda' was asked for, but torch finds no GPU. Use --device cpu.")
        if device != "auto" or gpu_available():
            return TorchBackend(checkpoint, "cpu" if device == "torch" else "cuda", threads)
    return OnnxBackend(checkpoint, threads)


def _gpu_likely() -> bool:
    """Whether it is worth importing torch to ask for a GPU: its driver is installed."""
    import ctypes.util
    from pathlib import Path

    return Path("/proc/driver/nvidia").exists() or ctypes.util.find_library("nvcuda") is not None
