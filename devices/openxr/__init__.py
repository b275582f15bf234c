"""VR controllers through OpenXR: one thread talks to the runtime; where there is a picture, it draws there too."""

import os
import sys

os.environ.setdefault("XR_LOADER_DEBUG", "none")  # what goes wrong is said in our own words
if sys.platform == "linux":
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")  # pyopenxr loads PyOpenGL, see docs/decisions/2026-11-22
