"""Planar poses and tool poses in torch: small, exportable, batched."""

import torch
from torch import Tensor


def rotate(vectors: Tensor, angle: Tensor) -> Tensor:
    """Turn (..., 2) vectors by (...) radians."""
    c, s = torch.cos(angle), torch.sin(angle)
    x, y = vectors[..., 0], vectors[..., 1]
    return torch.stack([c * x - s * y, s * x + c * y], -1)


def into_frame(points: Tensor, pose: Tensor) -> Tensor:
    """Base-frame points (B, N, 2) in the frame of planar poses (B, 3) = x m, y m, yaw rad."""
    return rotate(points - pose[:, None, :2], -pose[:, None, 2])


def out_of_frame(points: Tensor, pose: Tensor) -> Tensor:
    """Points (B, N, 2) of the frame of planar poses (B, 3), in the base frame."""
    return rotate(points, pose[:, None, 2]) + pose[:, None, :2]


def rotation_matrix(rotvec: Tensor) -> Tensor:
    """Rotation vectors (..., 3) rad -> matrices (..., 3, 3), smooth at zero."""
    angle = torch.sqrt(
        (rotvec * rotvec).sum(-1, keepdim=True) + 1e-6
    )  # smaller constants are folded away by the exporter
    half = torch.sin(angle / 2) / (angle / 2)
    a = (torch.sin(angle) / angle)[..., None]
    b = (0.5 * half * half)[..., None]
    x, y, z = rotvec[..., 0], rotvec[..., 1], rotvec[..., 2]
    o = torch.zeros_like(x)
    skew = torch.stack([o, -z, y, z, o, -x, -y, x, o], -1).reshape((*rotvec.shape[:-1], 3, 3))
    eye = torch.eye(3, dtype=rotvec.dtype, device=rotvec.device)
    return eye + a * skew + b * (skew @ skew)


def wrapped(angle: Tensor) -> Tensor:
    """The same angle in -pi .. pi."""
    return torch.atan2(torch.sin(angle), torch.cos(angle))
