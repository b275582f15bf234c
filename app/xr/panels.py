"""The panels of the headset: one value in, one image per panel out. No OpenXR, no OpenGL, no thread of its own.

The whole interface:

    arrangement = arrangement_file.load(arrangement_file.beside(profile), cameras=2).arrangement
    arrangement = arrangement.recentred(arrangement, head)          # when the session starts, and on the button
    shown = panels(state, before=shown)                             # dict: name -> Panel(image, key, size)
    for name, panel in shown.items():
        if panel is not before.get(name): upload(panel.image)       # only what changed is painted and uploaded
        layer = arrangement.place(arrangement, name, panel.size, cylinders=has_cylinder_layers)
        # flat:   XrCompositionLayerQuad(pose=layer.pose, size=(layer.width, layer.height))
        # curved: XrCompositionLayerCylinderKHR(pose=layer.cylinder, radius=layer.radius,
        #         centralAngle=layer.central_angle, aspectRatio=layer.aspect)

`state` is app.xr.state.PanelState; its `timeline` comes from app.xr.timeline_view.view_of(model), made on the thread
that feeds the TimelineModel. Names: "camera 0" .. "camera N-1", "status", "timeline", and "help" while it is asked
for. Images are QImage.Format_RGBA8888_Premultiplied, row 0 at the top (GL_RGBA, GL_UNSIGNED_BYTE): blend layers with
XR_COMPOSITION_LAYER_BLEND_TEXTURE_SOURCE_ALPHA_BIT and without the UNPREMULTIPLIED bit. Sizes never change while a
session runs, so that a swapchain is made once per panel. A QGuiApplication must exist (fonts), on any thread.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QImage

from app.xr import camera_panel, help_panel, status_panel, timeline_panel
from app.xr.sizes import CAMERA, HELP, STATUS, TIMELINE
from app.xr.state import PanelState


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture to hang up."""

    image: QImage
    """Format_RGBA8888_Premultiplied, row 0 at the top; never changed in place."""
    key: Hashable
    """What it shows: equal keys, equal pictures."""
    size: tuple[int, int]
    """Width and height in dmm, for arrangement.place()."""


def panels(state: PanelState, before: Mapping[str, Panel] | None = None) -> dict[str, Panel]:
    """Every panel of a state; a panel that shows what it showed before is the same object as before."""
    known = before or {}
    shown: dict[str, Panel] = {}

    def put(name: str, size: tuple[int, int], key: Hashable, paint: Callable[[], QImage]) -> None:
        old = known.get(name)
        shown[name] = old if old is not None and old.key == key else Panel(paint(), key, size)

    for i in range(len(state.cameras)):
        view = camera_panel.content(state, i)
        put(f"camera {i}", CAMERA, view, lambda view=view: camera_panel.paint(view))  # type: ignore[misc]
    strip = status_panel.content(state)
    put("status", STATUS, strip, lambda: status_panel.paint(strip))
    put("timeline", TIMELINE, state.timeline, lambda: timeline_panel.paint(state.timeline))
    if state.help is not None:
        card = help_panel.content(state.help, state.status.phase if state.status is not None else None)
        put("help", HELP, card, lambda: help_panel.paint(card))
    return shown
