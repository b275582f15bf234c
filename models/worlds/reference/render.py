"""Pictures of the reference world, without a screen."""

import atexit
import threading
from functools import cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.workcell import Workcell
from models.worlds.reference.objects import SceneObject
from models.worlds.reference.scene import DRAWN_SCALE, scene_model


def _halved(fine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of each 2 x 2 block, (2H, 2W, 3) -> (H, W, 3), rounded to nearest."""
    height, width, _ = fine.shape
    rows = (fine[0::2].astype(np.uint16) + fine[1::2]).reshape(height // 2, width // 2, 2, 3)
    return ((rows[:, :, 0] + rows[:, :, 1] + 2) >> 2).astype(np.uint8)


class _View(threading.local):
    """An OpenGL context belongs to one thread, so every thread that draws has its own, one per size of pictures."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self.data = mujoco.MjData(model)
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def renderer(self, camera: Camera) -> mujoco.Renderer:
        """The renderer for the size of a camera."""
        size = camera.height, camera.width
        if size not in self._renderers:
            made = mujoco.Renderer(self._model, DRAWN_SCALE * camera.height, DRAWN_SCALE * camera.width)
            # MuJoCo ends EGL at exit, and a context freed after that complains; registered later runs earlier.
            atexit.register(made.close)
            self._renderers[size] = made
        return self._renderers[size]


class Camcorder:
    """Draws joint vectors in one look with all cameras of a workcell."""

    def __init__(self, objects: SceneObject, workcell: Workcell, look: str) -> None:
        self._model, self._cameras = scene_model(objects, workcell, look), workcell.cameras
        self._view = _View(self._model)

    def frames(self, joints: NDArray[np.float64]) -> dict[str, NDArray[np.uint8]]:
        """Camera name -> (H, W, 3) RGB of joint positions and velocities."""
        view = self._view
        view.data.qpos[:] = joints[: self._model.nq]
        mujoco.mj_kinematics(self._model, view.data)
        mujoco.mj_camlight(self._model, view.data)
        mujoco.mj_flex(self._model, view.data)
        frames = {}
        for camera in self._cameras:
            renderer = view.renderer(camera)
            renderer.update_scene(view.data, camera.name)
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = 0
            frames[camera.name] = _halved(renderer.render())
        return frames


@cache
def camcorder(objects: SceneObject, workcell: Workcell, look: str) -> Camcorder:
    """The one camcorder of a scene and a look: OpenGL contexts are expensive and are kept."""
    return Camcorder(objects, workcell, look)
