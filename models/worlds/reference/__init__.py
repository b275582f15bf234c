"""The reference world: a workcell and the objects of a task in MuJoCo, the stand-in for the real robot."""

import os
import sys

if sys.platform == "linux":
    # MuJoCo reads this when it is first imported, which every module below does: draw without a screen.
    os.environ.setdefault("MUJOCO_GL", "egl")
