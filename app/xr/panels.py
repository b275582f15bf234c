"""The panels of the headset: one value in, one image per panel out. No OpenXR, no OpenGL, no thread.

The whole interface:

    hung = arrangement_file.load(arrangement_file.beside(profile), cameras=2).arrangement
    hung = arrangement.recentred(hung, head)                        # when the session starts, and on the button
    shown = panels(state, before, most=1)                           # dict: name -> Panel(image, key, size)
    for name, panel in shown.items():
        if panel is not before.get(name): upload(panel.image)       # only what changed is painted and uploaded
        layer = arrangement.place(hung, name, panel.size, cylinders=has_cylinder_layers)
        # flat:   XrCompositionLayerQuad(pose=layer.pose, size=(layer.width, layer.height))
        # curved: XrCompositionLayerCylinderKHR(pose=layer.cylinder, radius=layer.radius,
        #         centralAngle=layer.central_angle, aspectRatio=layer.aspect)

`state` is app.xr.state.PanelState; its `timeline` comes from app.xr.timeline_view.view_of(model), made on the thread
that feeds the TimelineModel. Names: "camera 0" .. "camera N-1", "status", "timeline", and "help" while it is asked
for. Images are QImage.Format_RGBA8888_Premultiplied, row 0 at the top (GL_RGBA, GL_UNSIGNED_BYTE): blend layers with
XR_COMPOSITION_LAYER_BLEND_TEXTURE_SOURCE_ALPHA_BIT and without the UNPREMULTIPLIED bit. Sizes never change while a
session runs, so that a swapchain is made once per panel. A QGuiApplication must exist (fonts), on any thread.

Painting may happen on any one thread. On a frame thread say most=1: a camera takes 1 to 3 ms, the strip half of one,
the timeline 0.5 where only the head moved and 6 where a lane grew (measured in a software-rendered container).
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from PyQt6.QtGui import QImage

from app.xr import camera_panel, help_panel, status_panel, timeline_panel
from app.xr.sizes import CAMERA, HELP, STATUS, TIMELINE
from app.xr.state import PanelState

_COUNT = count()


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture to hang up."""

    image: QImage
    """Format_RGBA8888_Premultiplied, row 0 at the top; never changed in place."""
    key: Hashable
    """What it shows: equal keys, equal pictures."""
    size: tuple[int, int]
    """Width and height in dmm, for arrangement.place()."""
    number: int = field(default_factory=lambda: next(_COUNT))
    """Panels that were painted later have larger ones."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A panel that may have to be painted."""

    size: tuple[int, int]
    key: Hashable
    paint: Callable[[], QImage]


def panels(state: PanelState, before: Mapping[str, Panel] | None = None, most: int | None = None) -> dict[str, Panel]:
    """Every panel of a state; a panel that shows what it showed before is the same object as before.

    Args:
        state: what is to be seen.
        before: what this function gave last time.
        most: paint at most so many of the changed panels now, those first that were painted longest ago; the others
            are as before and have their turn at a later call. Panels that were not there before are always painted.
            None: all.
    """
    known, wanted = before or {}, _wanted(state)
    changed = [name for name, want in wanted.items() if name in known and known[name].key != want.key]
    later = set() if most is None else set(sorted(changed, key=lambda name: known[name].number)[most:])
    shown = {}
    for name, want in wanted.items():
        old = known.get(name)
        keep = old is not None and (name in later or name not in changed)
        shown[name] = old if old is not None and keep else Panel(want.paint(), want.key, want.size)
    return shown


def _wanted(state: PanelState) -> dict[str, _Wanted]:
    """What every panel is to show, and how it is painted."""
    wanted = {}
    for i in range(len(state.cameras)):
        view = camera_panel.content(state, i)
        wanted[f"camera {i}"] = _Wanted(CAMERA, view, partial(camera_panel.paint, view))
    strip = status_panel.content(state)
    wanted["status"] = _Wanted(STATUS, strip, partial(status_panel.paint, strip))
    wanted["timeline"] = _Wanted(TIMELINE, state.timeline, partial(timeline_panel.paint, state.timeline))
    if state.help is not None:
        card = help_panel.content(state.help, state.status.phase if state.status is not None else None)
        wanted["help"] = _Wanted(HELP, card, partial(help_panel.paint, card))
    return wanted
