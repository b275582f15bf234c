"""What the headset shows: panels on quad or cylinder layers, drawn on the OpenXR thread in its GL context."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.xr import arrangement as hang
from app.xr.arrangement import Layer
from app.xr.canvases import Canvas, Canvases
from app.xr.gl_context import Context, make, needed
from app.xr.hanging import HandNow, Hanging, after, recentred
from app.xr.painter import Painted
from app.xr.pose import Pose
from devices.openxr.hand import HandInput
from devices.openxr.library import xr
from devices.openxr.picture import Seen, XrPose

CYLINDER: Final = "XR_KHR_composition_layer_cylinder"
UPLOADS: Final = 1
"""Panels that are uploaded in one frame, about 2 MB each; the next frame takes those that waited longest."""
BLENDED: Final = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT
ORDER: Final = ("help", "timeline", "status")
"""Panels that are drawn last, in front of the cameras."""


class PanelPicture:
    """One session's picture. See devices.openxr.picture.Picture; made anew for every session."""

    def __init__(
        self,
        painted: Callable[[], Mapping[str, Painted]],
        hanging: Hanging,
        free: Callable[[], bool],
        settled: Callable[[Hanging], None],
    ) -> None:
        """Get ready.

        Args:
            painted: the newest panels.
            hanging: where they hang.
            free: whether the hands may take panels now.
            settled: called when a panel was released, or all were re-centred.
        """
        self._painted, self._free, self._settled = painted, free, settled
        self.hanging = hanging
        self._extensions: tuple[str, ...] = ()
        self._context: Context | None = None
        self._canvases: Canvases | None = None
        self._uploaded: dict[str, Painted] = {}
        self._turn: dict[str, int] = {}
        self._space: Any = None
        self._last = 0.0

    @property
    def busy(self) -> tuple[bool, bool]:
        """See Picture."""
        return self.hanging.busy

    def extensions(self, offered: frozenset[str]) -> tuple[str, ...]:
        """See Picture."""
        found = needed(offered)
        self._extensions = (*found, *({CYLINDER} & offered)) if found else ()
        return self._extensions

    def binding(self, instance: Any, system: Any) -> Any:
        """See Picture."""
        self._context = make(self._extensions)
        # has to be asked before a session with OpenGL is created; what we need every runtime can do
        xr.get_opengl_graphics_requirements_khr(instance, system)
        return self._context.binding()

    def begin(self, session: Any, space: Any) -> None:
        """See Picture."""
        self._current()
        self._canvases, self._space = Canvases(session), space
        self._uploaded, self._last = {}, time.monotonic()

    def layers(self, seen: Seen) -> list[Any]:
        """See Picture."""
        painted = dict(self._painted())
        places = {
            name: hang.place(self.hanging.arrangement, name, one.panel.size, cylinders=CYLINDER in self._extensions)
            for name, one in painted.items()
        }
        self._move(seen, places)
        self._upload(painted)
        shown = []
        for name in sorted(painted, key=lambda name: ORDER.index(name) if name in ORDER else -1):
            canvas = self._canvases.get(name) if self._canvases is not None else None
            if canvas is not None:
                shown.append(self._layer(canvas, places[name]))
        return shown

    def end(self) -> None:
        """See Picture."""
        canvases, self._canvases = self._canvases, None
        if canvases is not None:
            canvases.close()

    def close(self) -> None:
        """See Picture."""
        context, self._context = self._context, None
        if context is not None:
            context.close()

    def _current(self) -> None:
        """Some runtimes change the current context behind our back (ValveSoftware/SteamVR-for-Linux#421)."""
        if self._context is not None:
            self._context.make_current()

    def _move(self, seen: Seen, places: Mapping[str, Layer]) -> None:
        now, was = time.monotonic(), self.hanging
        if seen.recentre and seen.head is not None:
            self.hanging = recentred(self.hanging, pose_of(seen.head))
            self._settled(self.hanging)
        hands = tuple(_hand(aim, said) for aim, said in zip(seen.aims, seen.inputs, strict=True))
        self.hanging = after(self.hanging, (hands[0], hands[1]), places, now - self._last, free=self._free())
        self._last = now
        if any(before and not held for before, held in zip(was.busy, self.hanging.busy, strict=True)):
            self._settled(self.hanging)

    def _upload(self, painted: Mapping[str, Painted]) -> None:
        if self._canvases is None:
            return
        new = [name for name, one in painted.items() if self._uploaded.get(name) is not one]
        if new:
            self._current()
        for name in sorted(new, key=lambda name: self._turn.get(name, 0))[:UPLOADS]:  # those that waited longest first
            self._canvases.fill(name, painted[name].pixels)
            self._uploaded[name] = painted[name]
            self._turn[name] = max(self._turn.values(), default=0) + 1

    def _layer(self, canvas: Canvas, place: Layer) -> Any:
        extent = xr.Extent2Di(*canvas.size)
        part = xr.SwapchainSubImage(canvas.swapchain, xr.Rect2Di(xr.Offset2Di(0, 0), extent))
        if place.radius:
            return xr.CompositionLayerCylinderKHR(
                layer_flags=BLENDED, space=self._space, sub_image=part, pose=_posef(place.cylinder),
                radius=place.radius, central_angle=place.central_angle, aspect_ratio=place.aspect,
            )  # fmt: skip
        return xr.CompositionLayerQuad(
            layer_flags=BLENDED, space=self._space, sub_image=part, pose=_posef(place.pose),
            size=xr.Extent2Df(place.width, place.height),
        )  # fmt: skip


def pose_of(located: XrPose) -> Pose:
    """A pose of the panels' space from what OpenXR says."""
    (x, y, z), (qx, qy, qz, qw) = (map(float, part) for part in located)
    return Pose((x, y, z), (qx, qy, qz, qw))


def _hand(aim: XrPose | None, said: HandInput) -> HandNow:
    if aim is None or not said.tracked:
        return HandNow()
    return HandNow(pose_of(aim), said.trigger, said.stick, "stick_click" in said.pressed)


def _posef(pose: Pose) -> Any:
    return xr.Posef(xr.Quaternionf(*pose.orientation), xr.Vector3f(*pose.position))
