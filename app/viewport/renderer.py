"""Draws camera frames and overlays into whatever OpenGL 3.3 core context is current. No Qt.

The desktop window, a headset and a surfaceless test share it. A caller describes what is to be
seen as an app.viewport.drawing.Drawing; the renderer keeps the textures. Text comes in as images.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.viewport import shaders
from app.viewport.drawing import Drawing, Picture, Shape
from core.errors import StudioError

if sys.platform == "linux":
    # PyOpenGL settles on one window system per process, and MuJoCo's headless drawing needs this one. Functions reach
    # the current context either way; only wrappers that look the context up do not: RAW stands in.
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
from OpenGL import GL
from OpenGL.raw.GL.VERSION import GL_2_0 as RAW

KEPT_DRAWS: Final = 60
"""A texture that was not drawn this many times in a row is deleted."""
FLOATS: Final = 16
"""Per shape in the instance buffer: ends 4, (radius, border width, kind, unused), fill 4, border 4."""


class CannotDraw(StudioError):
    """The graphics driver refused a shader, or there is no usable OpenGL context."""


@dataclass(slots=True)
class _Texture:
    name: int
    pixels: NDArray[np.uint8]
    """What was uploaded; held so that its identity stays its own."""
    idle: int = 0


class Renderer:
    """Made, used and closed while one context is current."""

    def __init__(self) -> None:
        """Compile the shaders.

        Raises:
            CannotDraw: no context is current, it is older than OpenGL 3.3, or a shader does not compile.
        """
        version = GL.glGetString(GL.GL_VERSION)
        if version is None:
            raise CannotDraw(
                "No OpenGL context is current. Update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1."
            )
        self._pictures = _program(shaders.PICTURE_VERTEX, shaders.PICTURE_FRAGMENT)
        self._shapes = _program(shaders.SHAPE_VERTEX, shaders.SHAPE_FRAGMENT)
        self._empty = int(GL.glGenVertexArrays(1))
        self._array = int(GL.glGenVertexArrays(1))
        self._buffer = int(GL.glGenBuffers(1))
        self._textures: dict[str, _Texture] = {}
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._buffer)
        for place in range(FLOATS // 4):
            GL.glEnableVertexAttribArray(place)
            RAW.glVertexAttribPointer(place, 4, GL.GL_FLOAT, GL.GL_FALSE, FLOATS * 4, ctypes.c_void_p(place * 16))
            GL.glVertexAttribDivisor(place, 1)
        GL.glBindVertexArray(0)

    @property
    def textures(self) -> int:
        """How many textures are held."""
        return len(self._textures)

    def draw(self, drawing: Drawing) -> None:
        """Draw into the bound framebuffer; leaves blending on and everything else unbound."""
        width, height = drawing.size
        GL.glViewport(0, 0, width, height)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        red, green, blue, alpha = drawing.background
        GL.glClearColor(red * alpha, green * alpha, blue * alpha, alpha)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        for texture in self._textures.values():
            texture.idle += 1
        self._draw_pictures(drawing.pictures, drawing.size)
        self._draw_shapes(drawing.shapes, drawing.size)
        self._draw_pictures(drawing.sprites, drawing.size)
        self._forget_idle()

    def close(self) -> None:
        """Delete every OpenGL object; the context must be current."""
        for texture in self._textures.values():
            GL.glDeleteTextures(1, [texture.name])
        self._textures.clear()
        GL.glDeleteBuffers(1, [self._buffer])
        GL.glDeleteVertexArrays(2, [self._empty, self._array])
        GL.glDeleteProgram(self._pictures.name)
        GL.glDeleteProgram(self._shapes.name)

    def _draw_pictures(self, pictures: Sequence[Picture], size: tuple[int, int]) -> None:
        if not pictures:
            return
        program = self._pictures
        GL.glUseProgram(program.name)
        GL.glBindVertexArray(self._empty)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glUniform2f(program["size"], *map(float, size))
        GL.glUniform1i(program["image"], 0)
        for picture in pictures:
            self._bind(picture)
            height, width, channels = picture.pixels.shape
            enlarged = picture.box.width > 1.5 * width
            GL.glUniform4f(program["box"], picture.box.x, picture.box.y, picture.box.width, picture.box.height)
            GL.glUniform2f(program["texels"], float(width), float(height))
            GL.glUniform1i(program["filtering"], (2 if enlarged else 1) if picture.smooth else 0)
            GL.glUniform1f(program["opacity"], picture.opacity)
            (GL.glDisable if channels == 3 and picture.opacity == 1.0 else GL.glEnable)(GL.GL_BLEND)
            GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glEnable(GL.GL_BLEND)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _draw_shapes(self, shapes: Sequence[Shape], size: tuple[int, int]) -> None:
        if not shapes:
            return
        rows = np.array(
            [
                (*s.a, *s.b, s.radius, s.border_width, float(s.kind == "segment"), 0.0, *s.fill, *s.border)
                for s in shapes
            ],
            dtype=np.float32,
        )
        GL.glUseProgram(self._shapes.name)
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._buffer)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, rows.nbytes, rows, GL.GL_STREAM_DRAW)
        GL.glUniform2f(self._shapes["size"], *map(float, size))
        GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 4, len(rows))
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _bind(self, picture: Picture) -> None:
        """Bind the texture of a picture's slot, uploading the pixels where they are new."""
        texture = self._textures.get(picture.slot)
        if texture is None:
            texture = self._textures[picture.slot] = _Texture(_new_texture(), np.empty((0, 0, 0), np.uint8))
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture.name)
        texture.idle = 0
        if texture.pixels is picture.pixels:
            return
        pixels = np.ascontiguousarray(picture.pixels)
        height, width, channels = pixels.shape
        layout = GL.GL_RGB if channels == 3 else GL.GL_RGBA
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        if texture.pixels.shape == pixels.shape:
            GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, 0, 0, width, height, layout, GL.GL_UNSIGNED_BYTE, pixels)
        else:
            GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, width, height, 0, layout, GL.GL_UNSIGNED_BYTE, pixels)
        texture.pixels = picture.pixels

    def _forget_idle(self) -> None:
        for slot in [s for s, texture in self._textures.items() if texture.idle > KEPT_DRAWS]:
            GL.glDeleteTextures(1, [self._textures.pop(slot).name])


def _new_texture() -> int:
    name = int(GL.glGenTextures(1))
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    for parameter, value in (
        (GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR),
        (GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR),
        (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
        (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
    ):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, parameter, value)
    return name


@dataclass(frozen=True, slots=True)
class _Program:
    name: int
    uniforms: dict[str, int]

    def __getitem__(self, uniform: str) -> int:
        return self.uniforms[uniform]


def _program(vertex: str, fragment: str) -> _Program:
    name = int(GL.glCreateProgram())
    for kind, source in ((GL.GL_VERTEX_SHADER, vertex), (GL.GL_FRAGMENT_SHADER, fragment)):
        shader = GL.glCreateShader(kind)
        GL.glShaderSource(shader, source)
        GL.glCompileShader(shader)
        if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
            raise CannotDraw(f"The graphics driver refused a shader: {_log(GL.glGetShaderInfoLog(shader))}")
        GL.glAttachShader(name, shader)
        GL.glDeleteShader(shader)
    GL.glLinkProgram(name)
    if not GL.glGetProgramiv(name, GL.GL_LINK_STATUS):
        raise CannotDraw(f"The graphics driver refused a shader program: {_log(GL.glGetProgramInfoLog(name))}")
    count = int(GL.glGetProgramiv(name, GL.GL_ACTIVE_UNIFORMS))
    found = [GL.glGetActiveUniform(name, i)[0] for i in range(count)]
    words = [bytes(n).decode().rstrip("\0") for n in found]
    return _Program(name, {word: int(GL.glGetUniformLocation(name, word)) for word in words})


def _log(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
