import subprocess
import sys

import pytest

CHECK = """
import devices.openxr
from devices.openxr.library import xr
from OpenGL import EGL
import OpenGL.platform
assert type(OpenGL.platform.PLATFORM).__name__ == "EGLPlatform", OpenGL.platform.PLATFORM
display = EGL.eglGetPlatformDisplay(0x31DD, EGL.EGL_DEFAULT_DISPLAY, None)
assert display and EGL.eglInitialize(display, EGL.EGLint(), EGL.EGLint())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there pyopenxr takes PyOpenGL along")
def test_pyopenxr_leaves_opengl_on_egl() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
