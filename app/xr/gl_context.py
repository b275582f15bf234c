"""OpenGL contexts without a window for the OpenXR thread, and how they are told to OpenXR.

Linux: EGL without a surface where the runtime takes it (Monado, WiVRn), else GLX on the X server (SteamVR). Windows:
WGL through Qt. None of them shares anything with the window's context.
"""

import ctypes
import logging
import os
import sys
from typing import Any, Final, Protocol

from core.errors import StudioError

log = logging.getLogger(__name__)

OPENGL: Final = "XR_KHR_opengl_enable"
EGL: Final = "XR_MNDX_egl_enable"
_SURFACELESS, _DEVICE = 0x31DD, 0x313F
"""EGL_PLATFORM_SURFACELESS_MESA, EGL_PLATFORM_DEVICE_EXT."""


class NoContext(StudioError):
    """The graphics driver gave no OpenGL context."""


class Context(Protocol):
    """Made and used on one thread."""

    def make_current(self) -> None:
        """Let OpenGL draw with it on this thread."""

    def binding(self) -> Any:
        """The structure that xrCreateSession wants; it has to outlive the session's creation."""

    def close(self) -> None:
        """Let go of it."""


def needed(offered: frozenset[str]) -> tuple[str, ...]:
    """The extensions for a context that can be made here; none where no context can."""
    if sys.platform == "win32":
        return (OPENGL,) if OPENGL in offered else ()
    if EGL in offered and OPENGL in offered:
        return (OPENGL, EGL)
    return (OPENGL,) if OPENGL in offered and os.environ.get("DISPLAY") else ()


def make(extensions: tuple[str, ...]) -> Context:
    """A context for these extensions, current on this thread.

    Raises:
        NoContext: the driver refused.
    """
    context: Context = QtContext() if sys.platform == "win32" else EglContext() if EGL in extensions else GlxContext()
    try:
        context.make_current()
    except BaseException:
        context.close()
        raise
    return context


class EglContext:
    """On no window system at all."""

    def __init__(self) -> None:
        from OpenGL import EGL as egl  # noqa: N811

        import app.viewport.renderer  # noqa: F401  # settles PyOpenGL on EGL

        self._egl = egl
        self._display = self._open()
        egl.eglBindAPI(egl.EGL_OPENGL_API)
        wanted = (egl.EGLint * 5)(
            egl.EGL_RENDERABLE_TYPE, egl.EGL_OPENGL_BIT, egl.EGL_SURFACE_TYPE, egl.EGL_PBUFFER_BIT, egl.EGL_NONE
        )
        configs, count = (egl.EGLConfig * 1)(), egl.EGLint()
        egl.eglChooseConfig(self._display, wanted, configs, 1, count)
        if not count.value:
            raise NoContext("EGL offers no OpenGL. Update the graphics driver, or start with --headset controllers.")
        self._config = configs[0]
        version = (egl.EGLint * 5)(0x3098, 3, 0x30FB, 3, egl.EGL_NONE)  # major, minor
        self._context = egl.eglCreateContext(self._display, self._config, egl.EGL_NO_CONTEXT, version)
        if not self._context:
            raise NoContext("EGL gives no OpenGL 3.3. Update the graphics driver.")

    def _open(self) -> Any:
        egl, (major, minor) = self._egl, (self._egl.EGLint(), self._egl.EGLint())
        reasons = []
        for platform in (_SURFACELESS, _DEVICE):
            try:
                display = egl.eglGetPlatformDisplay(platform, egl.EGL_DEFAULT_DISPLAY, None)
                if display and egl.eglInitialize(display, major, minor):
                    return display
            except Exception as error:  # PyOpenGL raises whatever the driver says of a platform that it lacks
                reasons.append(str(error))
        log.warning("EGL opens no display: %s", "; ".join(reasons))
        raise NoContext("EGL opens no display. Update the graphics driver, or start with --headset controllers.")

    def make_current(self) -> None:
        """See Context."""
        egl = self._egl
        if not egl.eglMakeCurrent(self._display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, self._context):
            raise NoContext("The OpenGL context cannot be made current. Update the graphics driver.")

    def binding(self) -> Any:
        """See Context."""
        from devices.openxr.library import xr

        return xr.GraphicsBindingEGLMNDX(
            get_proc_address=ctypes.cast(self._egl.eglGetProcAddress.load(), xr.PFN_xrEglGetProcAddressMNDX),
            display=self._display, config=self._config, context=self._context,
        )  # fmt: skip

    def close(self) -> None:
        """See Context. The display stays: it is the process's."""
        egl = self._egl
        egl.eglMakeCurrent(self._display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, egl.EGL_NO_CONTEXT)
        egl.eglDestroyContext(self._display, self._context)


class GlxContext:
    """On the X server of $DISPLAY, over a separate connection. Through ctypes: PyOpenGL is on EGL already."""

    def __init__(self) -> None:
        self._x, self._glx = _library("X11", 6), _library("GLX", 0)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self._x.XOpenDisplay.restype = pointer
        self._x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        self._x.XCloseDisplay.argtypes = [pointer]
        glx = self._glx
        glx.glXChooseFBConfig.restype = ctypes.POINTER(pointer)
        glx.glXChooseFBConfig.argtypes = [pointer, number, pointer, ctypes.POINTER(number)]
        glx.glXCreateNewContext.restype = pointer
        glx.glXCreateNewContext.argtypes = [pointer, pointer, number, pointer, number]
        glx.glXCreatePbuffer.restype = ctypes.c_ulong
        glx.glXCreatePbuffer.argtypes = [pointer, pointer, pointer]
        glx.glXMakeContextCurrent.argtypes = [pointer, ctypes.c_ulong, ctypes.c_ulong, pointer]
        glx.glXDestroyContext.argtypes = [pointer, pointer]
        glx.glXDestroyPbuffer.argtypes = [pointer, ctypes.c_ulong]
        self._config: Any = None
        self._context: Any = None
        self._drawable = 0
        self._display = self._x.XOpenDisplay(None)
        if not self._display:
            raise NoContext("The X server cannot be reached. Is $DISPLAY right?")
        try:
            self._choose()
        except BaseException:
            self.close()  # or every try would leave a connection to the X server behind
            raise

    def _choose(self) -> None:
        """A configuration, a context and something to draw on."""
        glx, number = self._glx, ctypes.c_int
        count = number()
        wanted = (number * 7)(0x8010, 0x4, 0x8011, 0x1, 8, 8, 0)  # DRAWABLE_TYPE pbuffer, RENDER_TYPE rgba, RED_SIZE 8
        configs = glx.glXChooseFBConfig(self._display, 0, wanted, ctypes.byref(count))
        if not count.value:
            raise NoContext("GLX offers no OpenGL off the screen. Update the graphics driver.")
        self._config = configs[0]
        self._context = glx.glXCreateNewContext(self._display, self._config, 0x8014, None, 1)
        sizes = (number * 5)(0x8041, 16, 0x8040, 16, 0)
        self._drawable = glx.glXCreatePbuffer(self._display, self._config, sizes)
        if not self._context or not self._drawable:
            raise NoContext("GLX gives no OpenGL context. Update the graphics driver.")

    def make_current(self) -> None:
        """See Context."""
        if not self._glx.glXMakeContextCurrent(self._display, self._drawable, self._drawable, self._context):
            raise NoContext("The OpenGL context cannot be made current. Update the graphics driver.")

    def binding(self) -> Any:
        """See Context."""
        from devices.openxr.library import xr

        made = xr.GraphicsBindingOpenGLXlibKHR()
        for name, value in (
            ("x_display", self._display), ("glx_fbconfig", self._config), ("glx_drawable", self._drawable),
            ("glx_context", self._context),
        ):  # fmt: skip
            kind = dict(made._fields_)[name]
            number = issubclass(kind, ctypes._SimpleCData) and kind is not ctypes.c_void_p
            setattr(made, name, value if number else ctypes.cast(value, kind))
        return made

    def close(self) -> None:
        """See Context."""
        self._glx.glXMakeContextCurrent(self._display, 0, 0, None)
        if self._drawable:
            self._glx.glXDestroyPbuffer(self._display, self._drawable)
        if self._context:
            self._glx.glXDestroyContext(self._display, self._context)
        self._x.XCloseDisplay(self._display)


class QtContext:
    """Windows: Qt's context on a surface that is made with it."""

    def __init__(self) -> None:
        from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat

        wanted = QSurfaceFormat()  # what the renderer needs
        wanted.setVersion(3, 3)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self._surface, self._context = QOffscreenSurface(), QOpenGLContext()
        self._surface.setFormat(wanted)
        self._surface.create()
        self._context.setFormat(wanted)
        if not self._context.create():
            raise NoContext("Windows gives no OpenGL 3.3 context. Update the graphics driver.")

    def make_current(self) -> None:
        """See Context."""
        if not self._context.makeCurrent(self._surface):
            raise NoContext("The OpenGL context cannot be made current. Update the graphics driver.")

    def binding(self) -> Any:
        """See Context."""
        from OpenGL import WGL

        from devices.openxr.library import xr

        return xr.GraphicsBindingOpenGLWin32KHR(h_dc=WGL.wglGetCurrentDC(), h_glrc=WGL.wglGetCurrentContext())

    def close(self) -> None:
        """See Context."""
        self._context.doneCurrent()
        self._surface.destroy()


def _library(name: str, version: int) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(f"lib{name}.so.{version}")
    except OSError as error:
        raise NoContext(f"lib{name}.so.{version} cannot be loaded: {error}. Install the graphics libraries.") from error
