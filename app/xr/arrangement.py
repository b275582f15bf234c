"""Where the panels hang around the head, as a value: default, grab, move, resize, re-centre, flat or curved.

Units are metres in an OpenXR LOCAL or STAGE space (+X right, +Y up, -Z forward). A panel's pose has its origin in the
middle of the panel, +X to its right, +Y up, +Z out of its face towards the viewer: what XrCompositionLayerQuad wants.
Places are kept relative to an anchor (the head at the last re-centre, upright), so that re-centring changes one pose
and a remembered arrangement fits any room. docs/panels.md says why the sizes are what they are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from app.xr.pose import Pose, Vector, about, added, distance, heading, multiplied, scaled, turned
from app.xr.sizes import CAMERA, GAP, HELP, STATUS, TIMELINE

DISTANCE: Final = 1.0
"""Metres from the eyes to a panel of the default arrangement: there one millimetre is one dmm."""
TILT: Final = math.radians(30)
"""Of the timeline, so that it faces eyes that look down."""
LEAST_SCALE, MOST_SCALE = 0.4, 2.5
"""Of a panel, times its default size."""
NEAREST: Final = 0.25
"""Metres from the anchor that a panel is never pushed below: nearer, eyes cannot merge the two pictures."""
FARTHEST: Final = 4.0
REACH: Final = 0.10
"""Metres between a hand and a panel within which it can be grabbed without a ray."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one panel hangs, relative to the anchor."""

    pose: Pose
    scale: float = 1.0
    """Times the size of sizes.py."""
    curves: bool = True
    """Whether it bends where panels do; one that is tilted stays flat, as the edge of a tilted cylinder would rise
    into its neighbours."""

    def __post_init__(self) -> None:
        """Refuse a size that cannot be seen or handled.

        Raises:
            ValueError: naming the range.
        """
        if not LEAST_SCALE <= self.scale <= MOST_SCALE:
            raise ValueError(f"scale is {self.scale}; it should be {LEAST_SCALE} .. {MOST_SCALE}")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All panels."""

    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    """By panel name."""
    curved: bool = True
    """Bend the panels around the viewer where the runtime has cylinder layers."""
    anchor: Pose = field(default_factory=Pose)
    """The head at the last re-centre, upright; not remembered, as rooms differ."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a composition layer needs, in the space of the anchor."""

    pose: Pose
    """Middle of the panel, +Z towards the viewer: XrCompositionLayerQuad.pose."""
    width: float
    """Metres; along the arc where the panel is curved."""
    height: float
    radius: float = 0.0
    """Metres of the cylinder on which a curved panel lies; 0 where it is flat."""

    @property
    def central_angle(self) -> float:
        """Radians that a curved panel spans: XrCompositionLayerCylinderKHR.centralAngle."""
        return self.width / self.radius if self.radius else 0.0

    @property
    def cylinder(self) -> Pose:
        """Middle of the cylinder's axis: XrCompositionLayerCylinderKHR.pose."""
        return self.pose * Pose((0.0, 0.0, self.radius))

    @property
    def aspect(self) -> float:
        """Width by height: XrCompositionLayerCylinderKHR.aspectRatio."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a ray meets a panel."""

    name: str
    u: float
    """0 at the left edge .. 1 at the right one."""
    v: float
    """0 at the upper edge .. 1 at the lower one."""
    distance: float
    """Metres along the ray."""


@dataclass(frozen=True, slots=True)
class Grab:
    """A panel that is held by a hand."""

    name: str
    held: Pose
    """Of the panel in the frame of the hand; constant while it is held."""


def default(cameras: int = 2) -> Arrangement:
    """The calm arrangement in front of an anchor at the eyes, looking along -Z.

    Cameras stand side by side a little below eye level, where eyes rest; the status strip above them, the timeline
    below and tilted towards the eyes, the help card beside the right camera.
    """
    places: dict[str, Place] = {}
    gap = GAP / 1000
    wide, tall = (side / 1000 for side in CAMERA)
    room = STATUS[0] / 1000
    scale = min(1.0, (room - gap * (cameras - 1)) / (cameras * wide)) if cameras else 1.0
    scale = max(scale, LEAST_SCALE)
    middle = -math.radians(3)
    for i in range(cameras):
        turn = (i - (cameras - 1) / 2) * (wide * scale + gap) / DISTANCE
        places[f"camera {i}"] = Place(_around(turn, DISTANCE * math.tan(middle)), scale)
    half = tall * scale / 2
    top, bottom = DISTANCE * math.tan(middle) + half, DISTANCE * math.tan(middle) - half
    places["status"] = Place(_around(0.0, top + 1.6 * gap + STATUS[1] / 2000))
    drop = TIMELINE[1] / 2000
    below = bottom - 3.5 * gap - drop * math.cos(TILT)  # the ends of a flat edge are farther away, so stand higher
    lean = Pose((0.0, below, -DISTANCE - 0.05 + drop * math.sin(TILT)), about((1.0, 0.0, 0.0), -TILT))
    places["timeline"] = Place(lean, curves=False)
    aside = (room / 2 + gap + HELP[0] / 2000) / DISTANCE
    places["help"] = Place(_around(aside, DISTANCE * math.tan(middle)))
    return Arrangement(MappingProxyType(places))


def complete(arrangement: Arrangement, cameras: int) -> Arrangement:
    """The arrangement with a default place for every panel that it lacks; other panels keep theirs."""
    usual = default(cameras).places
    return replace(arrangement, places=MappingProxyType({**usual, **arrangement.places}))


def place(arrangement: Arrangement, name: str, size: tuple[int, int], *, cylinders: bool = True) -> Layer:
    """Where a panel hangs now, in the space of the anchor.

    Args:
        arrangement: all places.
        name: of the panel; one without a place hangs where the arrangement's default has it, else in front.
        size: of the panel in dmm, `Panel.size`.
        cylinders: whether the runtime has XR_KHR_composition_layer_cylinder.
    """
    found = arrangement.places.get(name) or default().places.get(name) or Place(_around(0.0, 0.0))
    pose = arrangement.anchor * found.pose
    width, height = size[0] / 1000 * found.scale, size[1] / 1000 * found.scale
    if not (arrangement.curved and found.curves and cylinders):
        return Layer(pose, width, height)
    radius = max(distance(pose.position, arrangement.anchor.position), width / math.pi, NEAREST)
    return Layer(pose, width, height, radius)


def recentred(arrangement: Arrangement, head: Pose) -> Arrangement:
    """The arrangement in front of a head: its position and heading count, nod and tilt do not."""
    return replace(arrangement, anchor=Pose(head.position, heading(head)))


def bent(arrangement: Arrangement, curved: bool) -> Arrangement:
    """Curved or flat."""
    return replace(arrangement, curved=curved)


def grab(arrangement: Arrangement, name: str, hand: Pose) -> Grab:
    """Take a panel in a hand, near or at the end of a ray."""
    return Grab(name, hand.inverse() * (arrangement.anchor * arrangement.places[name].pose))


def moved(arrangement: Arrangement, held: Grab, hand: Pose) -> Arrangement:
    """The held panel follows the hand as if it were nailed to it; between NEAREST and FARTHEST from the anchor."""
    pose = arrangement.anchor.inverse() * (hand * held.held)
    return _put(arrangement, held.name, replace(arrangement.places[held.name], pose=_within(pose)))


def pushed(held: Grab, metres: float) -> Grab:
    """The held panel farther away along the ray (-Z of the hand), or nearer for less than 0."""
    return replace(held, held=Pose(added(held.held.position, (0.0, 0.0, -metres)), held.held.orientation))


def straightened(arrangement: Arrangement, name: str) -> Arrangement:
    """The panel where it is, turned to face the anchor without roll: for the end of a grab."""
    at = arrangement.places[name].pose.position
    return _put(arrangement, name, replace(arrangement.places[name], pose=_facing(at)))


def resized(arrangement: Arrangement, name: str, factor: float) -> Arrangement:
    """A panel larger or smaller about its middle, within LEAST_SCALE .. MOST_SCALE."""
    was = arrangement.places[name]
    return _put(arrangement, name, replace(was, scale=min(MOST_SCALE, max(LEAST_SCALE, was.scale * factor))))


def pointed(layers: Mapping[str, Layer], ray: Pose) -> Hit | None:
    """The nearest panel that a ray (origin, -Z of an aim pose) meets from its front; None for none."""
    hits = [hit for name, layer in layers.items() if (hit := _meet(name, layer, ray)) is not None]
    return min(hits, key=lambda hit: hit.distance, default=None)


def near(layers: Mapping[str, Layer], hand: Vector) -> str | None:
    """The panel nearest to a hand within REACH of its face; None for none."""
    found = []
    for name, layer in layers.items():
        x, y, z = (layer.cylinder if layer.radius else layer.pose).inverse().point(hand)
        if layer.radius:  # along the arc, and away from it
            x, z = math.atan2(x, -z) * layer.radius, layer.radius - math.hypot(x, z)
        beside = math.hypot(max(0.0, abs(x) - layer.width / 2), max(0.0, abs(y) - layer.height / 2))
        found.append((math.hypot(beside, z), name))
    gap, name = min(found, default=(math.inf, ""))
    return name if gap <= REACH else None


# Inside


def _around(turn: float, height: float) -> Pose:
    """On the cylinder around the anchor, facing its axis; `turn` is radians to the right."""
    at = (DISTANCE * math.sin(turn), height, -DISTANCE * math.cos(turn))
    return Pose(at, about((0.0, 1.0, 0.0), -turn))


def _facing(at: Vector) -> Pose:
    """A pose at a point that looks at the origin, without roll."""
    turn = math.atan2(-at[0], -at[2])
    lift = math.atan2(at[1], math.hypot(at[0], at[2]))
    return Pose(at, multiplied(about((0.0, 1.0, 0.0), turn), about((1.0, 0.0, 0.0), lift)))


def _within(pose: Pose) -> Pose:
    """A pose whose distance from the anchor is held between NEAREST and FARTHEST."""
    far = math.sqrt(sum(part * part for part in pose.position))
    if far < 1e-9:
        return Pose((0.0, 0.0, -NEAREST), pose.orientation)
    return replace(pose, position=scaled(pose.position, min(FARTHEST, max(NEAREST, far)) / far))


def _put(arrangement: Arrangement, name: str, at: Place) -> Arrangement:
    return replace(arrangement, places=MappingProxyType({**arrangement.places, name: at}))


def _meet(name: str, layer: Layer, ray: Pose) -> Hit | None:
    """A ray against a flat panel or a piece of a cylinder."""
    back = layer.pose.inverse() * ray
    ox, oy, oz = back.position
    dx, dy, dz = turned(back.orientation, (0.0, 0.0, -1.0))
    if not layer.radius:
        if dz > -1e-9 or oz <= 0:
            return None
        far = -oz / dz
        across = ox + far * dx
    else:
        oz -= layer.radius  # the axis of the cylinder is the origin now
        a, b, c = dx * dx + dz * dz, ox * dx + oz * dz, ox * ox + oz * oz - layer.radius**2
        inside = b * b - a * c
        if a < 1e-12 or inside < 0:
            return None
        far = (-b + math.sqrt(inside)) / a  # the far wall: what a viewer inside sees
        angle = math.atan2(ox + far * dx, -(oz + far * dz))
        across = angle * layer.radius
    down = oy + far * dy
    if far <= 0 or abs(across) > layer.width / 2 or abs(down) > layer.height / 2:
        return None
    return Hit(name, across / layer.width + 0.5, 0.5 - down / layer.height, far)
