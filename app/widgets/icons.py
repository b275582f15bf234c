"""Our own line icons, sharp at any scale: assets/icons/NAME.svg, drawn in a colour of the palette."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from app.widgets import theme
from core.errors import UnknownName

FOLDER: Final = Path(__file__).parents[2] / "assets" / "icons"
SIZES: Final = (16, 20, 24, 32, 40, 48, 64)
"""Pixel sizes that an icon holds, so that every device pixel ratio up to 3 finds its own."""


def names() -> list[str]:
    """All icons there are."""
    return sorted(path.stem for path in FOLDER.glob("*.svg"))


@lru_cache(maxsize=256)
def icon(name: str, colour: str = theme.TEXT) -> QIcon:
    """An icon by name, grey where its action is disabled; "" is an empty icon.

    Raises:
        UnknownName: there is no such file.
    """
    result = QIcon()
    if not name:
        return result
    for size in SIZES:
        result.addPixmap(pixmap(name, size, colour))
        result.addPixmap(pixmap(name, size, theme.LINE_STRONG), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=512)
def pixmap(name: str, size: int, colour: str = theme.TEXT, ratio: float = 1.0) -> QPixmap:
    """An icon as size x size device-independent pixels for a screen of that pixel ratio.

    Raises:
        UnknownName: there is no such file.
    """
    renderer = _renderer(name, colour)  # before there is a painter: an exception must not leave one open
    pixels = round(size * ratio)
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    path = FOLDER / f"{name}.svg"
    if not path.is_file():
        raise UnknownName(f"There is no icon {name!r} in {FOLDER}. Known: {', '.join(names())}.")
    return QSvgRenderer(QByteArray(path.read_text("utf-8").replace("currentColor", colour).encode()))
