"""Rigid poses of the headset's space: metres, quaternions xyzw, OpenXR axes (+X right, +Y up, -Z forward)."""

import math
from dataclasses import dataclass

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""x, y, z, w of a unit quaternion."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something is and how it is turned; maps points of its frame into the parent frame."""

    position: Vector = (0.0, 0.0, 0.0)
    """Metres."""
    orientation: Quaternion = (0.0, 0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        """Bring the quaternion to length 1.

        Raises:
            ValueError: a number is not finite, or the quaternion has no length.
        """
        length = math.sqrt(sum(part * part for part in self.orientation))
        if not all(map(math.isfinite, (*self.position, length))) or length < 1e-6:
            raise ValueError("a pose is three finite metres and a quaternion that is not zero")
        unit = tuple(part / length for part in self.orientation)
        object.__setattr__(self, "orientation", unit)

    def __mul__(self, other: "Pose") -> "Pose":
        """The pose of `other`, which stands in this pose's frame, in the frame of this pose."""
        return Pose(self.point(other.position), multiplied(self.orientation, other.orientation))

    def point(self, at: Vector) -> Vector:
        """A point of this frame, metres, in the frame that this pose stands in."""
        return added(self.position, turned(self.orientation, at))

    def inverse(self) -> "Pose":
        """The pose that undoes this one."""
        back = conjugate(self.orientation)
        return Pose(turned(back, scaled(self.position, -1.0)), back)


def multiplied(a: Quaternion, b: Quaternion) -> Quaternion:
    """First `b`, then `a`."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def conjugate(q: Quaternion) -> Quaternion:
    """The rotation back."""
    return (-q[0], -q[1], -q[2], q[3])


def turned(q: Quaternion, v: Vector) -> Vector:
    """A vector turned by a quaternion."""
    x, y, z, _ = multiplied(multiplied(q, (*v, 0.0)), conjugate(q))
    return (x, y, z)


def about(axis: Vector, angle: float) -> Quaternion:
    """The rotation by an angle in radians about a unit axis."""
    half = math.sin(angle / 2)
    return (axis[0] * half, axis[1] * half, axis[2] * half, math.cos(angle / 2))


def added(a: Vector, b: Vector) -> Vector:
    """Sum."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def scaled(v: Vector, by: float) -> Vector:
    """A vector times a number."""
    return (v[0] * by, v[1] * by, v[2] * by)


def distance(a: Vector, b: Vector) -> float:
    """Metres between two points."""
    return math.dist(a, b)


def heading(pose: Pose) -> Quaternion:
    """The turn about the vertical that looks where a pose looks (-Z); up stays up.

    A pose that looks straight up or down has the heading of its up or down edge.
    """
    x, _, z = turned(pose.orientation, (0.0, 0.0, -1.0))
    if math.hypot(x, z) < 1e-3:
        up = turned(pose.orientation, (0.0, 1.0, 0.0))
        looks_down = turned(pose.orientation, (0.0, 0.0, -1.0))[1] < 0
        x, z = (up[0], up[2]) if looks_down else (-up[0], -up[2])
    return about((0.0, 1.0, 0.0), math.atan2(-x, -z))
