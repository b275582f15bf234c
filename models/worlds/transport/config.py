"""Sizes and constants of a transport world; stored in the card beside its weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.errors import BadCheckpoint

FORMAT = "transport-world-1"
"""Version of the weights' layout."""


@dataclass(frozen=True, slots=True)
class TransportConfig:
    """Everything that shapes the networks, apart from the cameras."""

    cells: int = 64
    """Edge of the object map, cells."""
    extent: float = 0.384
    """Edge of the object map, metres: it is cut out of the table plane round the object."""
    channels: int = 6
    """Of the object map: a mask and features under it."""
    view_size: int = 128
    """Edge of a camera picture, pixels."""
    table_centre: tuple[float, float] = (0.5, 0.0)
    table_extent: float = 0.64
    """Where an object is looked for, metres, base frame."""
    rectify_height: float = 0.04
    """Plane on which the encoder looks at the pictures, metres above the table."""
    low_height: float = 0.005
    high_height: float = 0.04
    """Start values of the two learned planes on which the renderer draws the map, metres."""
    encoder_width: int = 32
    renderer_width: int = 16
    renderer_depth: int = 4
    features: int = 128
    """Width of what the dynamics know about one arm."""
    hidden: int = 256
    heads: int = 4
    """Twist heads; their spread is part of the trust."""
    finger_offset: float = 0.009
    """From the tool point to a closed finger's axis, along tool y, metres."""
    finger_travel: float = 0.04
    """What opening 1 adds to it, metres."""
    finger_radius: float = 0.009
    max_translation: float = 0.06
    """What the controller of an end effector does in one step at most, metres."""
    max_turn: float = 0.6
    """Radians."""
    max_opening: float = 0.5

    @property
    def cell(self) -> float:
        """Edge of a cell, metres."""
        return self.extent / self.cells

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the card."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "TransportConfig":
        """The inverse of to_dict.

        Raises:
            BadCheckpoint: a setting is unknown or missing.
        """
        names = {f.name for f in fields(TransportConfig)}
        if set(values) != names:
            odd = ", ".join(sorted(names ^ set(values)))
            raise BadCheckpoint(f"The card's config differs from this version in: {odd}. Export the world once more.")
        return TransportConfig(**{**values, "table_centre": tuple(values["table_centre"])})
