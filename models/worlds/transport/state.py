"""A state of the transport world: about 130 bytes a step, and one object map per episode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from core.world import PackedState


@dataclass(frozen=True, slots=True, eq=False)
class ObjectMap:
    """What an object looks like and how it is shaped; drawn once, shared by all states of an episode."""

    cells: NDArray[np.float32]
    """(C, N, N) mask 0..1 and features under it, map frame."""
    distance: NDArray[np.float32]
    """(N, N) signed distance to the outline, metres, negative inside."""
    shape: NDArray[np.float32]
    """(3,) centroid x, y in the map frame and radius of gyration, metres."""
    doubt: NDArray[np.float32]
    """() log-odds that the trust loses because the start looked unlike the training data; 0 or more."""


@dataclass(frozen=True, slots=True, eq=False)
class TransportState:
    """One instant of one episode. Read-only."""

    pose: NDArray[np.float32]
    """(3,) accumulated pose of the map: x m, y m, yaw rad, base frame."""
    commanded: NDArray[np.float32]
    """(14,) the last action."""
    measured: NDArray[np.float32]
    """(14,) end effectors."""
    steps: int
    """Since the start of the episode."""
    object: ObjectMap


def pack(state: TransportState) -> PackedState:
    """A state as named arrays."""
    arrays = {
        "pose": state.pose,
        "commanded": state.commanded,
        "measured": state.measured,
        "steps": np.asarray(state.steps, np.int32),
    }
    kept = state.object
    return PackedState(
        arrays, {"cells": kept.cells, "distance": kept.distance, "shape": kept.shape, "doubt": kept.doubt}
    )


def unpack(packed: PackedState, cells: int, channels: int) -> TransportState:
    """The inverse of pack, bit for bit.

    Raises:
        BadStore: arrays that are not of this world.
    """
    wanted = {
        "pose": (3,), "commanded": (14,), "measured": (14,), "cells": (channels, cells, cells),
        "distance": (cells, cells), "shape": (3,), "doubt": (),
    }  # fmt: skip
    found = {**packed.shared, **packed.arrays}
    arrays: dict[str, NDArray[np.float32]] = {}
    for name, shape in wanted.items():
        if name not in found:
            raise BadStore(f"A packed state of the transport world lacks {name!r}. It was made by another world.")
        try:
            array = np.array(found[name], np.float32)
        except (TypeError, ValueError) as error:
            raise BadStore(f"{name!r} of a packed transport state is not numeric: {error}.") from error
        if array.shape != shape or not np.isfinite(array).all():
            raise BadStore(f"{name!r} of a packed transport state must be finite {shape}, not {array.shape}.")
        array.flags.writeable = False
        arrays[name] = array
    kept = ObjectMap(arrays["cells"], arrays["distance"], arrays["shape"], arrays["doubt"])
    steps = int(np.asarray(found.get("steps", 0)))
    return TransportState(arrays["pose"], arrays["commanded"], arrays["measured"], steps, kept)
