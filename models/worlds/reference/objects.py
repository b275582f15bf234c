"""What a task puts on the table of the reference world: the one seam between a task and the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.task import Scene
from models.worlds.reference.looks import Colour, Look

LEFT, RIGHT, OBJECT, TABLE = 1, 2, 4, 8
"""Collision bits. The hands collide with everything; objects collide with the table only if their text sets it."""
DRAWN_ONLY: Final = 'contype="0" conaffinity="0"'


def rgba(colour: Colour) -> str:
    """The MJCF attribute of an opaque colour."""
    return f'rgba="{colour[0]} {colour[1]} {colour[2]} 1"'


def bits(own: int, others: int) -> str:
    """The MJCF attributes of a geom with one collision bit that collides with others."""
    return f'contype="{own}" conaffinity="{others}"'


@dataclass(frozen=True, slots=True)
class ObjectText:
    """Pieces of MJCF; lengths in metres, angles in radians, robot base frame."""

    world: str
    """In <worldbody>, before the hands: what is drawn on the table, and bodies. Their joints come first in a state."""
    assets: str = ""
    """In <asset>."""
    deformable: str = ""
    """In <deformable>."""
    contact: str = ""
    """In <contact>."""
    equality: str = ""
    """In <equality>."""
    gravity: float = 0.0
    """Along z, metres per second squared; negative pulls down."""


class SceneObject(Protocol):
    """The objects of one task. Holds no episode: everything that changes is in the joints of a state."""

    def __hash__(self) -> int:
        """By identity: compiled models are kept by their objects, so load() of a task gives one object always."""

    @property
    def task(self) -> str:
        """Name of the task."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the scene parameters that place the objects."""

    def text(self, look: Look) -> ObjectText:
        """What is added to the scene, in the colours of a look."""

    def joints(self, start: Scene) -> NDArray[np.float64]:
        """Positions (n,) of the objects' joints at rest, in the order of the text.

        Raises:
            BadConfig: a parameter of the scene is missing or does not fit.
        """

    def truth(self, joints: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
        """What evaluations and data parts may know, by name, from the objects' joint positions (n,)."""
