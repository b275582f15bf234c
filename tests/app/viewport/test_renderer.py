"""The renderer of the headset: in an offscreen context of Qt, and without any window system at all."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat
from PyQt6.QtOpenGL import QOpenGLFramebufferObject
from pytestqt.qtbot import QtBot

from app.viewport.drawing import Box, Drawing, Picture, box, disc, segment

pytestmark = pytest.mark.gl
BLACK = (0.0, 0.0, 0.0, 1.0)
RED, GREEN = (1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 1.0)


def _release_egl() -> None:
    """Release the EGL context that MuJoCo keeps current on this thread, under which GLX refuses another one."""
    try:
        egl = ctypes.CDLL("libEGL.so.1")
    except OSError:
        return
    egl.eglGetCurrentDisplay.restype = ctypes.c_void_p
    if display := egl.eglGetCurrentDisplay():
        egl.eglMakeCurrent(ctypes.c_void_p(display), None, None, None)


class Target:
    """An offscreen framebuffer of 64 x 48 pixels."""

    size = (64, 48)

    def __init__(self) -> None:
        from app.viewport.renderer import Renderer

        self.surface, self.context = QOffscreenSurface(), QOpenGLContext()
        wanted = QSurfaceFormat()
        wanted.setVersion(3, 3)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self.context.setFormat(wanted)
        self.surface.setFormat(wanted)
        self.surface.create()
        assert self.context.create()
        _release_egl()
        assert self.context.makeCurrent(self.surface)
        self.buffer = QOpenGLFramebufferObject(*self.size)
        self.renderer = Renderer()

    def draw(self, **what: object) -> np.ndarray:
        """(48, 64, 3), row 0 at the top."""
        assert self.buffer.bind()
        self.renderer.draw(Drawing(self.size, BLACK, **what))  # type: ignore[arg-type]
        image = self.buffer.toImage().convertToFormat(self.buffer.toImage().Format.Format_RGB888)
        bits = image.constBits()
        assert bits is not None
        rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(48, image.bytesPerLine())
        return rows[:, : 64 * 3].reshape(48, 64, 3)

    def close(self) -> None:
        self.renderer.close()
        self.buffer.release()
        del self.buffer
        self.context.doneCurrent()


@pytest.fixture
def target(qtbot: QtBot) -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


def quarters() -> np.ndarray:
    """2 x 2 pixels: red, green / blue, white."""
    return np.array([[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]], np.uint8)


def test_row_0_of_a_picture_is_at_the_top(target: Target) -> None:
    seen = target.draw(pictures=[Picture("a", quarters(), Box(0, 0, 64, 48), smooth=False)])
    assert seen[5, 5].tolist() == [255, 0, 0]
    assert seen[5, 60].tolist() == [0, 255, 0]
    assert seen[43, 5].tolist() == [0, 0, 255]
    assert seen[43, 60].tolist() == [255, 255, 255]


def test_a_picture_stays_in_its_box(target: Target) -> None:
    seen = target.draw(pictures=[Picture("a", quarters(), Box(16, 8, 32, 32), smooth=False)])
    assert seen[4, 30].tolist() == [0, 0, 0]
    assert seen[10, 18].tolist() == [255, 0, 0]
    assert seen[24, 50].tolist() == [0, 0, 0]


def test_smooth_and_sharp_differ_at_seams_only(target: Target) -> None:
    sharp = target.draw(pictures=[Picture("a", quarters(), Box(0, 0, 64, 48), smooth=False)])
    smooth = target.draw(pictures=[Picture("a", quarters(), Box(0, 0, 64, 48), smooth=True)])
    assert np.array_equal(sharp[2, 2], smooth[2, 2])
    assert sharp[5, 28].tolist() == [255, 0, 0]
    assert 20 < smooth[5, 31, 0] < 235, "between red and green"


def test_odd_widths_are_not_sheared(target: Target) -> None:
    frame = np.zeros((5, 7, 3), np.uint8)
    frame[:, 3] = (255, 255, 255)
    seen = target.draw(pictures=[Picture("odd", frame, Box(0, 0, 7, 5), smooth=False)])
    assert seen[:5, 3].tolist() == [[255, 255, 255]] * 5
    assert not seen[:5, :3].any()
    assert not seen[:5, 4:7].any()


def test_only_new_arrays_are_uploaded(target: Target) -> None:
    first, second = quarters(), quarters()[::-1].copy()
    target.draw(pictures=[Picture("a", first, Box(0, 0, 64, 48), smooth=False)])
    seen = target.draw(pictures=[Picture("a", second, Box(0, 0, 64, 48), smooth=False)])
    assert seen[5, 5].tolist() == [0, 0, 255]
    larger = np.full((9, 9, 3), 77, np.uint8)
    seen = target.draw(pictures=[Picture("a", larger, Box(0, 0, 64, 48), smooth=False)])
    assert seen[20, 20].tolist() == [77, 77, 77]
    assert target.renderer.textures == 1


def test_textures_that_are_not_drawn_are_deleted(target: Target) -> None:
    target.draw(pictures=[Picture("old", quarters(), Box(0, 0, 64, 48))])
    for _ in range(70):
        target.draw(pictures=[])
    assert target.renderer.textures == 0


def test_shapes(target: Target) -> None:
    seen = target.draw(
        shapes=[
            box(Box(2, 2, 20, 10), RED, border=GREEN, border_width=2),
            disc(40, 20, 8, GREEN),
            segment((4, 40), (60, 40), 4, RED),
        ]
    )
    assert seen[7, 12].tolist() == [255, 0, 0]
    assert seen[2, 12].tolist() == [0, 255, 0], "the border lies inside the edge"
    assert seen[20, 40].tolist() == [0, 255, 0]
    assert seen[13, 33].tolist() == [0, 0, 0], "the corner of a disc is clear"
    assert seen[40, 30].tolist() == [255, 0, 0]
    assert seen[44, 30].tolist() == [0, 0, 0]


def test_transparency_is_blended_over_what_lies_behind(target: Target) -> None:
    seen = target.draw(shapes=[box(Box(0, 0, 64, 48), RED), box(Box(0, 0, 64, 48), (0.0, 0.0, 1.0, 0.5))])
    assert np.allclose(seen[20, 20], (128, 0, 128), atol=2)


SURFACELESS = """
import numpy as np
from OpenGL import EGL, GL
display = EGL.eglGetDisplay(EGL.EGL_DEFAULT_DISPLAY)
assert EGL.eglInitialize(display, None, None)
EGL.eglBindAPI(EGL.EGL_OPENGL_API)
wanted = [EGL.EGL_SURFACE_TYPE, EGL.EGL_PBUFFER_BIT, EGL.EGL_RENDERABLE_TYPE, EGL.EGL_OPENGL_BIT, EGL.EGL_NONE]
configs, count = (EGL.EGLConfig * 1)(), EGL.EGLint()
EGL.eglChooseConfig(display, (EGL.EGLint * len(wanted))(*wanted), configs, 1, count)
version = [EGL.EGL_CONTEXT_MAJOR_VERSION, 3, EGL.EGL_CONTEXT_MINOR_VERSION, 3, EGL.EGL_NONE]
context = EGL.eglCreateContext(display, configs[0], EGL.EGL_NO_CONTEXT, (EGL.EGLint * len(version))(*version))
assert EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, context)
texture, frame = GL.glGenTextures(1), GL.glGenFramebuffers(1)
GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, 32, 32, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, None)
GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, frame)
GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, texture, 0)
from app.viewport.drawing import Box, Drawing, Picture
from app.viewport.renderer import Renderer
renderer = Renderer()
renderer.draw(Drawing((32, 32), (0, 0, 0, 1), [Picture("a", np.full((4, 4, 3), 200, np.uint8), Box(0, 0, 16, 32))]))
pixels = np.frombuffer(GL.glReadPixels(0, 0, 32, 32, GL.GL_RGB, GL.GL_UNSIGNED_BYTE), np.uint8).reshape(32, 32, 3)
renderer.close()
import sys
assert not any(name.startswith("PyQt6") for name in sys.modules), "the renderer knows no Qt"
print(pixels[16, 8].tolist(), pixels[16, 24].tolist())
"""


def test_the_renderer_draws_without_a_window_system() -> None:
    surroundings = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    surroundings |= {"PYOPENGL_PLATFORM": "egl", "EGL_PLATFORM": "surfaceless", "LIBGL_ALWAYS_SOFTWARE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SURFACELESS], env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "[200, 200, 200] [0, 0, 0]"
