"""What the eyes see, as the OpenXR thread knows it: another module draws. Everything here runs on that thread."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from devices.openxr.hand import HandInput

XrPose = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Position (3,) metres and orientation (4,) quaternion xyzw in the LOCAL space, OpenXR axes."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Where head and hands are when a frame will be shown."""

    head: XrPose | None
    """None while it is not tracked."""
    aims: tuple[XrPose | None, XrPose | None]
    """Per hand where it points, -Z ahead."""
    inputs: tuple[HandInput, HandInput]
    recentre: bool = False
    """Forward is where the head looks, from this frame on."""


class Picture(Protocol):
    """Draws into layers with a separate GL context."""

    @property
    def busy(self) -> tuple[bool, bool]:
        """Per hand whether it holds something of the picture: its stick is the picture's meanwhile."""

    def extensions(self, offered: frozenset[str]) -> tuple[str, ...]:
        """Those that it needs of the offered ones; none where it cannot draw with this runtime."""

    def binding(self, instance: Any, system: Any) -> Any:
        """Make the GL context, current on this thread; the graphics binding that a session is created with."""

    def begin(self, session: Any, space: Any) -> None:
        """A session was created; what is drawn hangs in `space`."""

    def layers(self, seen: Seen) -> list[Any]:
        """Draw what is new; the composition layers of this frame, the farthest first."""

    def end(self) -> None:
        """Free what was made of the session, which may be lost already; the context stays."""

    def close(self) -> None:
        """Free the context. The session has ended: OpenXR wants the context of its binding until then."""
