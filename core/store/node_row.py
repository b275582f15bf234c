"""The plain values of a node as fixed numbers of its row, and back; the only two places that name them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.step import NodeValues
from core.store.layout import source_code, source_of


def write_values(fixed: NDArray[Any], node: NodeValues) -> None:
    """Fill in a (1,) array of dtype layout.NODE."""
    fixed["source"], fixed["success"] = source_code(node.source), node.success
    fixed["trust"], fixed["progress"], fixed["world_time"] = node.trust, node.progress, node.world_time
    fixed["action"], fixed["ee_state"] = node.action, node.observation.ee_state


def read_values(fixed: Any, frames: Mapping[str, NDArray[np.uint8]]) -> dict[str, Any]:
    """The fields of core.step.NodeValues by name.

    Args:
        fixed: A scalar of dtype layout.NODE.
        frames: Camera -> (H, W, 3) picture.
    """
    return {
        "observation": Observation(frames, np.array(fixed["ee_state"], np.float32)),
        "action": np.array(fixed["action"], np.float32),
        "source": source_of(int(fixed["source"])),
        "trust": float(fixed["trust"]),
        "progress": float(fixed["progress"]),
        "success": bool(fixed["success"]),
        "world_time": float(fixed["world_time"]),
    }
