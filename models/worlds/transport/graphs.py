"""The functions of a transport world as modules, for eager torch and for export to ONNX."""

import torch
from torch import Tensor, nn

from models.worlds.transport.drawing import Drawing
from models.worlds.transport.network import TransportNet


class Encode(nn.Module):
    """Pictures and end effectors -> pose and object map."""

    def __init__(self, net: TransportNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, frames: Tensor, ee: Tensor) -> tuple[Tensor, Tensor]:
        """(B, V, H, W, 3) uint8 and (B, 14) -> (B, 3) and (B, C, N, N)."""
        pictures = frames.permute(0, 1, 4, 2, 3).float() / 255
        pose = self.net.locate(pictures, ee)
        return pose, self.net.encode(pictures, ee, pose)


class Step(nn.Module):
    """One control step."""

    def __init__(self, net: TransportNet) -> None:
        super().__init__()
        self.dynamics = net.dynamics

    def forward(
        self, distance: Tensor, shape: Tensor, pose: Tensor, before: Tensor, measured: Tensor, action: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """See ContactDynamics.forward; returns pose, measured and signs."""
        moved = self.dynamics(distance, shape, pose, before, measured, action)
        return moved.pose, moved.measured, moved.signs


class Decode(nn.Module):
    """Both views, in eager torch; the exported graph is a Drawing."""

    def __init__(self, net: TransportNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, maps: Tensor, pose: Tensor, measured: Tensor) -> Tensor:
        """(B, C, N, N), (B, 3), (B, 14) -> (B, V, H, W, 3) uint8."""
        return self.net.pictures(maps, pose, measured)


def examples(net: TransportNet, batch: int = 3) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
    """Each graph with inputs to trace it by.

    No tensor may stand for two inputs: the exporter would make one input of them, and a graph that never looks
    at the other.
    """
    n, c, v, size = net.config.cells, net.config.channels, len(net.renderers), net.config.view_size
    hands = torch.tensor([[0.4, 0.2, 0.1, 0, 0, 0, 0.5, 0.4, -0.2, 0.1, 0, 0, 0, 0.5]]).repeat(batch, 1)
    pose = torch.tensor([[0.5, 0.0, 0.3]]).repeat(batch, 1)
    distance = torch.rand(batch, 1, n, n) * 0.05
    shape = torch.tensor([[0.0, 0.0, 0.05]]).repeat(batch, 1)
    frames = (torch.rand(batch, v, size, size, 3) * 255).to(torch.uint8)
    return {
        "encoder": (Encode(net), (frames, hands)),
        "dynamics": (Step(net), (distance, shape, pose, hands - 0.01, hands, hands + 0.01)),
        "renderer": (Drawing(net), (torch.rand(batch, c, n, n), pose, hands)),
    }
