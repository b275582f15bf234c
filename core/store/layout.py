"""What a session folder holds: names, schema version, the fixed columns of a node, and tables of what varies.

Row r of every array under ``nodes``, ``frames`` and ``states`` belongs to the r-th node that was recorded; the
columns nodes/branch and nodes/index say which node of the tree that is. Node i + 1 of a branch holds step i of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, BimanualDelta
from core.errors import BadStore
from core.step import SOURCES, Source
from core.store.columns import Column

FORMAT: Final = "hi-wm-session"
VERSION: Final = 1
ROOT: Final = "zarr.json"
JOURNAL_FOLDER: Final = "journal"
JOURNAL_SUFFIX: Final = ".journal"
COPIES: Final = ".before-repair"
"""In the name of the folder beside a session that keeps what a repair touched: no session, whatever lies in it."""
GROUPS: Final = ("nodes", "frames", "states", "states/world", "states/policy", "states/control", "shared")
NO_SOURCE: Final = -1
"""In nodes/source: the start of an episode; else an index into the attribute ``sources``."""
ABSENT: Final = -1

Part = Literal["world", "policy", "control"]
PARTS: Final[tuple[Part, ...]] = ("world", "policy", "control")

NODE: Final = np.dtype(
    [
        ("branch", "<i4"),
        ("index", "<i4"),
        ("source", "i1"),
        ("success", "?"),
        ("device", "<i2"),
        ("trust", "<f8"),
        ("progress", "<f8"),
        ("world_time", "<f8"),
        ("wall_time", "<f8"),
        ("action", "<f4", (ACTION_DIM,)),
        ("action_policy", "<f4", (ACTION_DIM,)),
        ("delta", "<f8", (ACTION_DIM,)),
        ("ee_state", "<f4", (ACTION_DIM,)),
        ("layout", "<i2", (len(PARTS),)),
        ("shared", "<i4", (len(PARTS),)),
    ]
)
"""The fixed part of a node; docs/format.md says what each number means."""
NODE_COLUMNS: Final = {
    name: Column(f"nodes/{name}", NODE[name].base.name, NODE[name].shape) for name in NODE.names or ()
}


@dataclass(frozen=True, slots=True)
class Field:
    """One array of a packed state."""

    name: str
    dtype: str
    """NumPy's name."""
    shape: tuple[int, ...]

    @property
    def empty(self) -> bool:
        """Whether it has no numbers: such arrays live in the layout alone."""
        return math.prod(self.shape) == 0

    @staticmethod
    def of(name: str, array: NDArray[Any]) -> "Field":
        """The field of an array.

        Raises:
            BadStore: not an array of numbers, or a name that cannot be a folder.
        """
        if array.dtype.kind not in "biuf" or not name or not set(name) <= _NAME:
            raise BadStore(
                f"A state holds {name!r} of type {array.dtype}; a session keeps arrays of booleans, integers or floats "
                "whose names are letters, digits and underscores. Fix pack() of the world or the policy."
            )
        return Field(name, array.dtype.name, array.shape)


_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


LARGEST_ROW: Final = 128 << 20
"""Bytes of one row: a picture of 6,600 x 6,600. A row that claims to be larger is damaged."""


def checked_size(dtype: str, shape: Sequence[int]) -> int:
    """Bytes of an array of numbers.

    Raises:
        ValueError, TypeError: no type of numbers, no shape, or larger than LARGEST_ROW.
    """
    if type(dtype) is not str or not dtype.isalnum() or np.dtype(dtype).kind not in "biuf":
        raise ValueError(f"{dtype!r} is no type of numbers")
    if len(shape) > 8 or any(type(size) is not int or size < 0 for size in shape):
        raise ValueError(f"{tuple(shape)!r} is no shape")
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > LARGEST_ROW:
        raise ValueError(f"an array of {size} bytes is larger than any that is recorded")
    return size


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrays of one kind of packed state; states of another shape get another layout."""

    id: int
    part: Part
    fields: tuple[Field, ...]

    def columns(self) -> list[tuple[Field, Column]]:
        """Where each array that is not empty goes."""
        base = f"states/{self.part}/{self.id}"
        return [(f, Column(f"{base}/{f.name}", f.dtype, f.shape)) for f in self.fields if not f.empty]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        arrays = [[f.name, f.dtype, list(f.shape)] for f in self.fields]
        return {"id": self.id, "part": self.part, "arrays": arrays}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Layout":
        """The inverse of to_dict.

        Raises:
            ValueError, KeyError, TypeError: torn, or a name that leads out of the folder, or an absurd size.
        """
        fields = tuple(Field(name, dtype, tuple(shape)) for name, dtype, shape in values["arrays"])
        for entry in fields:
            if not entry.name or not set(entry.name) <= _NAME:
                raise ValueError(f"an array of a state cannot be called {entry.name!r}")
            checked_size(entry.dtype, entry.shape)
        if values["part"] not in PARTS or type(values["id"]) is not int:
            raise ValueError(f"a state cannot be of {values['part']!r}, number {values['id']!r}")
        return Layout(values["id"], values["part"], fields)


@dataclass(slots=True, eq=False)
class Tables:
    """What nodes refer to by number. Grows; entries never change."""

    cameras: list[tuple[str, int, int]] = field(default_factory=list)
    """Name, height, width."""
    devices: list[str] = field(default_factory=lambda: [""])
    layouts: list[Layout] = field(default_factory=list)
    shared_sets: list[dict[str, str]] = field(default_factory=list)
    """Name of a shared array -> its hash."""

    def frame_columns(self) -> list[tuple[str, Column]]:
        """Camera name and column."""
        return [(name, Column(f"frames/{name}", "uint8", (height, width, 3))) for name, height, width in self.cameras]

    def columns(self) -> list[Column]:
        """All columns that this session may hold, apart from shared arrays."""
        states = [column for layout in self.layouts for _, column in layout.columns()]
        return [*NODE_COLUMNS.values(), *(column for _, column in self.frame_columns()), *states]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "devices": self.devices,
            "layouts": [layout.to_dict() for layout in self.layouts],
            "shared_sets": self.shared_sets,
        }

    def copy(self) -> "Tables":
        """A copy that shares no list with this one."""
        return Tables(list(self.cameras), list(self.devices), list(self.layouts), list(self.shared_sets))


def source_code(source: Source | None) -> int:
    """The number of a source in nodes/source."""
    return NO_SOURCE if source is None else SOURCES.index(source)


def source_of(code: int) -> Source | None:
    """The inverse of source_code."""
    return None if code == NO_SOURCE else SOURCES[code]


def delta_row(delta: BimanualDelta) -> NDArray[np.float64]:
    """(14,) per arm: translation, rotation, gripper."""
    return np.concatenate([delta.translation, delta.rotation, delta.gripper[:, None]], axis=1).reshape(ACTION_DIM)


def delta_of(row: NDArray[np.float64]) -> BimanualDelta:
    """The inverse of delta_row."""
    arms = row.reshape(2, -1)
    return BimanualDelta(arms[:, :3].copy(), arms[:, 3:6].copy(), arms[:, 6].copy())
