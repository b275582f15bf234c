"""All that the panels of the headset show, as one frozen value. Made on any thread, read on the headset's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.xr.controllers import Controllers
from app.xr.timeline_view import TimelineView
from core.action import ActionLimits
from core.camera import Camera
from core.events import Message, Status


@dataclass(frozen=True, slots=True, eq=False)
class PanelState:
    """What the application knows; every field has a value that means "nothing yet"."""

    cameras: tuple[Camera, ...] = ()
    """One panel each, "camera 0", "camera 1", ..."""
    frames: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Camera name -> (H, W, 3) RGB; never changed in place. A camera without one shows words."""
    status: Status | None = None
    limits: ActionLimits | None = None
    """Of the world: the workspace whose edge is drawn."""
    plan: NDArray[np.float32] | None = None
    """(H, 14) what the policy is about to do; None where it is not to be drawn."""
    message: Message | None = None
    """The last words for the user, until they are out of date; branches by label (app.timeline.words.with_labels)."""
    recording: bool = False
    hands: tuple[str, str] = ("", "")
    """Per arm what drives it when the operator does; "" where unknown."""
    tracked: tuple[bool, bool] = (True, True)
    """Per hand whether the runtime tracks its controller."""
    scale: float = 1.0
    """Tool metres per hand metre."""
    preview: str = ""
    """Words about the frames where they are not the head's, for example "Step 131 of A2"."""
    timeline: TimelineView = field(default_factory=TimelineView)
    help: Controllers | None = None
    """The controllers that are held, while the help card is to be seen; None: no card."""
