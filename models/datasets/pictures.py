"""Pictures of any size as the square pictures that a world and a policy see."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Fit = Literal["pad", "crop", "stretch"]
FITS: Final = ("pad", "crop", "stretch")
TURNS: Final = (0, 90, 180, 270)


def fitted(frame: NDArray[np.uint8], size: int, fit: Fit, turn: int = 0) -> NDArray[np.uint8]:
    """A picture (H, W, 3) -> (size, size, 3): turned counter-clockwise, then scaled with antialiasing by Pillow.

    "pad" keeps all of it between black bars, "crop" fills the square from its middle, "stretch" ignores its shape.
    """
    picture = Image.fromarray(np.rot90(frame, turn // 90) if turn else frame)
    box, method = (size, size), Image.Resampling.BILINEAR
    if picture.size == box:
        return np.array(picture)
    if fit == "pad":
        return np.array(ImageOps.pad(picture, box, method))
    return np.array(ImageOps.fit(picture, box, method) if fit == "crop" else picture.resize(box, method))
