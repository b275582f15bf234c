"""The sizes of a transport world for a workcell: what of its configuration is not free but given by the robot."""

from collections.abc import Sequence
from dataclasses import replace

from core.camera import Camera, require_calibrated
from core.errors import BadConfig
from core.workcell import Workcell
from models.worlds.transport.config import TransportConfig

SMALLEST = 64
"""Edge of the smallest pictures, pixels: crops of this size are drawn in training."""
MULTIPLE = 4
"""The renderer halves a picture twice."""


def seen_by(workcell: Workcell, names: Sequence[str] = ()) -> Workcell:
    """The workcell with the cameras that a transport world sees, the one that looks most downwards first.

    The first one is what the object is tracked in.

    Args:
        workcell: Of the data.
        names: Of cameras; all where empty.

    Raises:
        BadConfig: no such camera, one is not calibrated, or their pictures are not all square and of one size.
    """
    chosen = [workcell.camera(name) for name in names] or list(workcell.cameras)
    require_calibrated(chosen, "A transport world")
    sizes = sorted({(camera.width, camera.height) for camera in chosen})
    edge = sizes[0][0]
    if len(sizes) > 1 or sizes[0][1] != edge or edge < SMALLEST or edge % MULTIPLE:
        found = ", ".join(f"{camera.name} {camera.width} x {camera.height}" for camera in chosen)
        raise BadConfig(
            f"A transport world sees square pictures of one size, at least {SMALLEST} pixels and a multiple of "
            f"{MULTIPLE}; the data have {found}. Choose cameras with --cameras, or import the data with another --size."
        )
    return replace(workcell, cameras=tuple(sorted(chosen, key=_downwards)))


def _downwards(camera: Camera) -> float:
    """Height component of where a camera looks: -1 straight down."""
    return float(camera.calibration()[1][2, 2])


def shape_of(workcell: Workcell) -> TransportConfig:
    """The configuration of a transport world of a workcell from seen_by().

    Raises:
        BadConfig: the arms have different grippers.
    """
    grippers = {arm.gripper for arm in workcell.arms}
    if len(grippers) > 1:
        raise BadConfig(
            f"A transport world knows one kind of gripper, and the arms of the workcell {workcell.name!r} have two. "
            "Train a world for each arm."
        )
    gripper, reach, table = grippers.pop(), workcell.reach, workcell.surface
    spans = [round(high - low, 6) for low, high in (table.x, table.y)]
    centre = [round(value, 6) for value in table.centre]
    return TransportConfig(
        view_size=workcell.cameras[0].width,
        table_centre=(centre[0], centre[1]),
        table_extent=max(spans),
        finger_offset=gripper.closed / 2 + gripper.finger_radius,
        finger_travel=(gripper.opened - gripper.closed) / 2,
        finger_radius=gripper.finger_radius,
        max_translation=reach.translation,
        max_turn=reach.turn,
        max_opening=reach.opening,
    )
