"""Swapchains of panels: made once per panel, filled when its picture changed, shown for ever. On the OpenXR thread."""

import ctypes
from dataclasses import dataclass
from typing import Any, Final

from OpenGL.raw.GL.VERSION import GL_1_0, GL_1_1
from PyQt6.QtGui import QImage

import app.viewport.renderer  # noqa: F401  # settles PyOpenGL on EGL before it is loaded
from core.errors import StudioError
from devices.openxr.library import xr

SRGB, LINEAR = 0x8C43, 0x8058
"""GL_SRGB8_ALPHA8, GL_RGBA8: what a runtime offers; Qt paints in sRGB."""
_TEXTURE, _RGBA, _BYTES = 0x0DE1, 0x1908, 0x1401
_UNPACK_ALIGNMENT: Final = 0x0CF5


class NoFormat(StudioError):
    """The runtime offers no format that pictures of 8 bits fit into."""


@dataclass(slots=True)
class Canvas:
    """One panel on the runtime's side."""

    swapchain: Any
    images: list[int]
    """Texture names."""
    size: tuple[int, int]
    """Pixels."""
    filled: bool = False


class Canvases:
    """All panels of one session."""

    def __init__(self, session: Any) -> None:
        """Choose a format.

        Raises:
            NoFormat: the runtime offers none.
        """
        self._session = session
        offered = list(xr.enumerate_swapchain_formats(session))
        found = next((one for one in (SRGB, LINEAR) if one in offered), None)
        if found is None:
            raise NoFormat("The OpenXR runtime offers no 8-bit colour format. Start with --headset controllers.")
        self._format = found
        self._all: dict[str, Canvas] = {}

    def get(self, name: str) -> Canvas | None:
        """A panel that has a picture."""
        found = self._all.get(name)
        return found if found is not None and found.filled else None

    def fill(self, name: str, image: QImage) -> None:
        """Upload a picture, RGBA8888, row 0 at the *bottom* as OpenGL has it."""
        size = image.width(), image.height()
        canvas = self._all.get(name)
        if canvas is None or canvas.size != size:
            if canvas is not None:
                xr.destroy_swapchain(canvas.swapchain)
            canvas = self._all[name] = self._make(size)
        index = xr.acquire_swapchain_image(canvas.swapchain, xr.SwapchainImageAcquireInfo())
        xr.wait_swapchain_image(canvas.swapchain, xr.SwapchainImageWaitInfo(timeout=xr.INFINITE_DURATION))
        pixels = image.constBits()
        if pixels is not None:
            GL_1_1.glBindTexture(_TEXTURE, canvas.images[index])
            GL_1_0.glPixelStorei(_UNPACK_ALIGNMENT, 4)
            GL_1_1.glTexSubImage2D(_TEXTURE, 0, 0, 0, *size, _RGBA, _BYTES, ctypes.c_void_p(int(pixels)))
            GL_1_1.glBindTexture(_TEXTURE, 0)
            GL_1_0.glFlush()
        xr.release_swapchain_image(canvas.swapchain, xr.SwapchainImageReleaseInfo())
        canvas.filled = True

    def close(self) -> None:
        """Let go of them; their session may be lost."""
        for canvas in self._all.values():
            xr.destroy_swapchain(canvas.swapchain)
        self._all.clear()

    def _make(self, size: tuple[int, int]) -> Canvas:
        swapchain = xr.create_swapchain(
            self._session,
            xr.SwapchainCreateInfo(
                usage_flags=xr.SwapchainUsageFlags.SAMPLED_BIT | xr.SwapchainUsageFlags.COLOR_ATTACHMENT_BIT
                | xr.SwapchainUsageFlags.TRANSFER_DST_BIT,
                format=self._format, sample_count=1, width=size[0], height=size[1], face_count=1, array_size=1,
                mip_count=1,
            ),
        )  # fmt: skip
        images = xr.enumerate_swapchain_images(swapchain, xr.SwapchainImageOpenGLKHR)
        return Canvas(swapchain, [int(image.image) for image in images], size)
