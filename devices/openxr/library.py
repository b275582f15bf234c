"""pyopenxr, loaded so that the rest of the process keeps the OpenGL that it has. Import `xr` from here, always.

On Linux pyopenxr puts PyOpenGL on GLX while it is imported, whatever was chosen before; the window and MuJoCo are on
EGL (docs/decisions/2026-11-22-one-way-to-opengl.md). So what belongs to EGL is loaded first, and put back afterwards.
"""

import sys

if sys.platform == "linux":
    import OpenGL.EGL
    import OpenGL.GL
    import OpenGL.platform

    _platform = OpenGL.platform.PLATFORM
    try:
        import xr as xr
    finally:
        OpenGL.platform.PLATFORM = _platform
else:
    import xr as xr
