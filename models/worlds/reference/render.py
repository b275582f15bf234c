"""Pictures of the reference world, without a screen."""

import atexit
import threading
from functools import cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from models.tasks.push_t import geometry as g
from models.worlds.reference.physics import NQ
from models.worlds.reference.scene import DRAWN_SCALE, scene_model


def _halved(fine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of each 2 x 2 block, (2H, 2W, 3) -> (H, W, 3), rounded to nearest."""
    height, width, _ = fine.shape
    rows = (fine[0::2].astype(np.uint16) + fine[1::2]).reshape(height // 2, width // 2, 2, 3)
    return ((rows[:, :, 0] + rows[:, :, 1] + 2) >> 2).astype(np.uint8)


class _View(threading.local):
    """An OpenGL context belongs to one thread, so every thread that draws has its own."""

    renderer: mujoco.Renderer | None = None
    data: mujoco.MjData | None = None


class Camcorder:
    """Draws joint vectors in one look with all cameras of the task."""

    def __init__(self, look: str) -> None:
        self._model = scene_model(look)
        self._view = _View()

    def frames(self, joints: NDArray[np.float64]) -> dict[str, NDArray[np.uint8]]:
        """Camera name -> (H, W, 3) RGB of a joint vector (19,)."""
        view = self._view
        if view.renderer is None or view.data is None:
            view.renderer = mujoco.Renderer(
                self._model, DRAWN_SCALE * g.CAMERAS[0].height, DRAWN_SCALE * g.CAMERAS[0].width
            )
            # MuJoCo ends EGL at exit, and a context freed after that complains; registered later runs earlier.
            atexit.register(view.renderer.close)
            view.data = mujoco.MjData(self._model)
        view.data.qpos[:] = joints[:NQ]
        mujoco.mj_kinematics(self._model, view.data)
        mujoco.mj_camlight(self._model, view.data)
        frames = {}
        for camera in g.CAMERAS:
            view.renderer.update_scene(view.data, camera.name)
            view.renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
            view.renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
            view.renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = 0
            frames[camera.name] = _halved(view.renderer.render())
        return frames


@cache
def camcorder(look: str) -> Camcorder:
    """The one camcorder of a look: OpenGL contexts are expensive and are kept."""
    return Camcorder(look)
