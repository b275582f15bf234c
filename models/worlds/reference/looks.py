"""How the reference world may look. Looks are part of the compiled model, so each has its own."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.errors import UnknownName

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Distractor:
    """A block on the table that collides with nothing."""

    position: tuple[float, float]
    """x, y, metres."""
    size: tuple[float, float, float]
    """Half extents, metres."""
    colour: Colour


@dataclass(frozen=True, slots=True)
class Look:
    """Colours 0..1 and light of a scene."""

    ground: Colour = (0.40, 0.42, 0.46)
    mat: Colour = (0.80, 0.81, 0.83)
    rim: Colour = (0.60, 0.62, 0.66)
    block: Colour = (0.96, 0.42, 0.12)
    target: Colour = (0.50, 0.80, 0.62)
    outline: Colour = (0.10, 0.52, 0.33)
    hand: Colour = (0.15, 0.16, 0.19)
    left: Colour = (0.16, 0.46, 0.95)
    right: Colour = (0.72, 0.25, 0.86)
    ambient: float = 0.55
    diffuse: float = 0.50
    light: tuple[float, float, float] = (0.25, -0.30, -1.0)
    """Direction of the light, base frame."""
    distractors: tuple[Distractor, ...] = ()


_TOYS = (
    Distractor((0.24, 0.05), (0.018, 0.018, 0.018), (0.90, 0.78, 0.20)),
    Distractor((0.76, 0.24), (0.030, 0.012, 0.012), (0.20, 0.62, 0.78)),
    Distractor((0.74, -0.22), (0.015, 0.025, 0.020), (0.55, 0.36, 0.24)),
    Distractor((0.27, -0.27), (0.022, 0.014, 0.010), (0.92, 0.92, 0.94)),
)

LOOKS: Final = MappingProxyType(
    {
        "shipped": Look(),
        "colours": Look(block=(0.90, 0.20, 0.42), target=(0.52, 0.66, 0.92), outline=(0.20, 0.34, 0.72)),
        "dim": Look(ambient=0.30, diffuse=0.28, light=(-0.6, 0.5, -0.8)),
        "dark_table": Look(ground=(0.10, 0.11, 0.13), mat=(0.24, 0.25, 0.28), rim=(0.36, 0.38, 0.42)),
        "wood": Look(ground=(0.34, 0.25, 0.18), mat=(0.72, 0.58, 0.42), rim=(0.52, 0.40, 0.28)),
        "clutter": Look(distractors=_TOYS),
    }
)


def look(name: str) -> Look:
    """The look of a name.

    Raises:
        UnknownName: with the names that exist.
    """
    if name not in LOOKS:
        raise UnknownName(f"The reference world has no look {name!r}. Known: {', '.join(LOOKS)}.")
    return LOOKS[name]
