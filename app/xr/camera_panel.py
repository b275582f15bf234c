"""A camera panel: the picture with the guidance drawn in, signs on its upper edge, the arms on the bar below it."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.viewport.drawing import Box
from app.viewport.projected import ARM_COLOURS
from app.widgets import theme
from app.xr.canvas import CENTRE, LEFT, RIGHT, Sheet, advance, picture
from app.xr.guidance import Guide, Place, Wall, guides, path, walls
from app.xr.same import Same
from app.xr.sizes import CAMERA, DENSITY, EDGE, RADIUS, SMALL, TITLE
from app.xr.state import PanelState
from core.action import ARMS, POSITION, arm_slice
from core.events import Status
from devices.cues import LOW_TRUST

FOOT: Final = 56
"""Height of the bar below the picture, dmm."""
AREA: Final = Box(0, 0, CAMERA[0], CAMERA[1] - FOOT)
"""Of the picture in the panel, dmm."""
RING: Final = 16.0
"""Radius of the ring around a gripper, dmm."""
HATCH: Final = 20.0
"""Width of the hatched edge where trust is low, dmm."""


@dataclass(frozen=True, slots=True)
class CameraView:
    """What a camera panel shows; equal views look equal."""

    name: str
    frame: Same[NDArray[np.uint8] | None]
    border: str
    """Colour of who drives."""
    heavy: bool
    """The operator drives: the border is thicker, so that it shows without colour as well."""
    guides: tuple[Guide, ...]
    walls: tuple[Wall, ...]
    path: tuple[tuple[Place, ...], ...]
    signs: tuple[tuple[str, str], ...]
    """(words, colour of the sign)."""
    low_trust: bool
    arms: tuple[tuple[str, str], ...]
    """Per arm (words, colour)."""


def picture_area(width: int, height: int) -> Box:
    """Where a picture of a camera stands in its panel, dmm: aspect kept, centred."""
    scale = min(AREA.width / width, AREA.height / height)
    wide, high = width * scale, height * scale
    return Box(AREA.x + (AREA.width - wide) / 2, AREA.y + (AREA.height - high) / 2, wide, high)


def content(state: PanelState, index: int) -> CameraView:
    """What the panel of a camera shows of a state."""
    camera, status = state.cameras[index], state.status
    area = picture_area(camera.width, camera.height)
    phase = status.phase if status is not None else "PAUSED"
    border = {"AUTONOMOUS": theme.POLICY, "CORRECTING": theme.OPERATOR, "PAUSED": theme.LINE_STRONG}[phase]
    frame = state.frames.get(camera.name)
    live = frame is not None and not state.preview
    low = status is not None and not math.isnan(status.trust) and status.trust < LOW_TRUST
    return CameraView(
        name=camera.name,
        frame=Same(frame),
        border=theme.ACCENT if state.preview else border,
        heavy=phase == "CORRECTING",
        guides=guides(state, camera, area) if live else (),
        walls=walls(state, camera, area) if live else (),
        path=path(state, camera, area) if live else (),
        signs=_signs(state, status, low),
        low_trust=low and live,
        arms=tuple(_arm(state, status, arm) for arm in (0, 1)) if status is not None and not state.preview else (),
    )


def paint(view: CameraView) -> QImage:
    """The panel as an image."""
    sheet = Sheet(CAMERA)
    painter = sheet.painter
    whole = QRectF(AREA.x, AREA.y, AREA.width, AREA.height)
    painter.fillRect(whole, QColor(theme.WELL))
    if view.frame.value is None:
        sheet.text(whole, "No picture yet", theme.TEXT_DIM, TITLE, 500, CENTRE)
    else:
        _picture(sheet, view)
    if view.low_trust:
        painter.drawImage(whole, _hatch())
    _border(sheet, view)
    _sign_row(sheet, view.signs)
    _foot(sheet, view)
    return sheet.finish()


def _picture(sheet: Sheet, view: CameraView) -> None:
    pixels = view.frame.value
    assert pixels is not None
    area = picture_area(pixels.shape[1], pixels.shape[0])
    box = QRectF(area.x, area.y, area.width, area.height)
    sheet.painter.drawImage(box, picture(pixels))
    sheet.painter.save()
    sheet.painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    for wall in view.walls:
        _wall(sheet.painter, wall)
    for arm, points in enumerate(view.path):
        _dots(sheet.painter, points, ARM_COLOURS[arm])
    for guide in view.guides:
        _gripper(sheet, guide)
    sheet.painter.restore()


def _pen(colour: QColor | str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(QColor(colour), width, style)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _wall(painter: QPainter, wall: Wall) -> None:
    """A grid, stronger the nearer it is; filled where it stops the gripper."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.faded(theme.WARNING, 0.10 + 0.25 * wall.strength))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in wall.corners]))
    painter.setPen(_pen(theme.faded(theme.WARNING, 0.25 + 0.65 * wall.strength), 2.0 + wall.strength))
    for a, b in wall.lines:
        painter.drawLine(QPointF(*a), QPointF(*b))


def _dots(painter: QPainter, points: tuple[Place, ...], colour: str) -> None:
    """The plan: a row of dots that fade with time."""
    painter.setPen(Qt.PenStyle.NoPen)
    for i, (x, y) in enumerate(points):
        painter.setBrush(theme.faded(colour, 0.9 - 0.6 * i / max(1, len(points) - 1)))
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5)


def _gripper(sheet: Sheet, guide: Guide) -> None:
    """Drop line, pull, ring, fingers, letter: each with a dark edge, as pictures may be bright or dark."""
    painter, colour = sheet.painter, ARM_COLOURS[guide.arm]
    dark = theme.faded(theme.WELL, 0.75)
    x, y = guide.at
    if not guide.inside:
        _pointer(sheet, guide, colour)
        return
    if guide.foot is not None and math.dist(guide.foot, guide.at) > RING + 6:
        share = (RING + 3) / math.dist(guide.foot, guide.at)
        start = QPointF(x + share * (guide.foot[0] - x), y + share * (guide.foot[1] - y))
        for pen in (_pen(dark, 6), _pen(colour, 3, Qt.PenStyle.DotLine)):
            painter.setPen(pen)
            painter.drawLine(start, QPointF(*guide.foot))
        painter.setPen(_pen(dark, 2))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(*guide.foot), 5, 3.5)
    if guide.pull is not None:
        _arrow(painter, guide.at, guide.pull)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(dark, 8))
    painter.drawEllipse(QPointF(x, y), RING, RING)
    ring = _pen(theme.WARNING if guide.stopped else colour, 4 if guide.engaged is not False else 3)
    if guide.engaged is False:
        ring.setCapStyle(Qt.PenCapStyle.FlatCap)
        ring.setDashPattern([2.4, 2.0])
    painter.setPen(ring)
    painter.drawEllipse(QPointF(x, y), RING, RING)
    gap = 1.5 + 8 * guide.opening
    for pen in (_pen(dark, 6), _pen(colour, 3)):
        painter.setPen(pen)
        painter.drawLine(QPointF(x - gap, y - 5), QPointF(x - gap, y + 5))
        painter.drawLine(QPointF(x + gap, y - 5), QPointF(x + gap, y + 5))
    side = -1 if guide.arm == 0 else 1
    if not 40 < x + side * (RING + 19) < AREA.width - 40:
        side = -side
    _letter(sheet, x + side * (RING + 19), y, guide.arm)


def _letter(sheet: Sheet, x: float, y: float, arm: int) -> None:
    """L or R in a disc of the arm's colour."""
    sheet.painter.setPen(_pen(theme.faded(theme.WELL, 0.75), 2))
    sheet.painter.setBrush(QColor(ARM_COLOURS[arm]))
    sheet.painter.drawEllipse(QPointF(x, y), 15, 15)
    sheet.text(QRectF(x - 20, y - 20, 40, 40), ARMS[arm][0].upper(), theme.ON_COLOUR, SMALL, 700, CENTRE)


def _pointer(sheet: Sheet, guide: Guide, colour: str) -> None:
    """A gripper that is out of sight: its letter on the rim, and a tip towards it."""
    x, y = guide.at
    way = math.atan2(y - (AREA.y + AREA.height / 2), x - (AREA.x + AREA.width / 2))
    tip = [(x + r * math.cos(way + a), y + r * math.sin(way + a)) for r, a in ((30, 0.0), (17, 0.75), (17, -0.75))]
    sheet.painter.setPen(_pen(theme.faded(theme.WELL, 0.75), 2))
    sheet.painter.setBrush(QColor(colour))
    sheet.painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in tip]))
    _letter(sheet, x, y, guide.arm)


def _arrow(painter: QPainter, start: Place, end: Place) -> None:
    """From the ring to where the hand pulls; to scale, and long enough to be seen."""
    way = math.atan2(end[1] - start[1], end[0] - start[0])
    length = max(math.dist(start, end), RING + 24)
    cos, sin = math.cos(way), math.sin(way)
    tail = QPointF(start[0] + (RING + 4) * cos, start[1] + (RING + 4) * sin)
    neck = QPointF(start[0] + (length - 12) * cos, start[1] + (length - 12) * sin)
    tip = QPointF(start[0] + length * cos, start[1] + length * sin)
    wings = [QPointF(neck.x() - s * 9 * sin, neck.y() + s * 9 * cos) for s in (1, -1)]
    head = QPolygonF([tip, *wings])
    for pen in (_pen(theme.faded(theme.WELL, 0.75), 9), _pen(theme.OPERATOR, 5)):
        painter.setPen(pen)
        painter.drawLine(tail, neck)
        pen.setWidthF(4 if pen.widthF() > 6 else 1)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.OPERATOR))
        painter.drawPolygon(head)


@lru_cache(maxsize=1)
def _hatch() -> QImage:
    """Low trust: the edge of the picture is hatched, so that it is seen from the corner of the eye."""
    image = QImage(round(AREA.width * DENSITY), round(AREA.height * DENSITY), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.faded(theme.WELL, 0.5))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(DENSITY, DENSITY)
    painter.setPen(QPen(theme.faded(theme.FAILURE, 0.9), 6))
    for x in range(-round(AREA.height), round(AREA.width), 18):
        painter.drawLine(QPointF(x, AREA.height), QPointF(x + AREA.height, 0))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.WELL))
    painter.drawRoundedRect(QRectF(HATCH, HATCH, AREA.width - 2 * HATCH, AREA.height - 2 * HATCH), 8, 8)
    painter.end()
    return image


def _border(sheet: Sheet, view: CameraView) -> None:
    width = 6.0 if view.heavy else 3.0
    painter = sheet.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(view.border), width))
    half = width / 2
    painter.drawRoundedRect(sheet.outline.adjusted(half, half, -half, -half), RADIUS - half, RADIUS - half)


def _sign_row(sheet: Sheet, signs: tuple[tuple[str, str], ...]) -> None:
    """States that the operator must notice, one below the other in the middle of the upper edge."""
    y = 20.0
    for words, colour in signs:
        sheet.tag(AREA.width / 2, y, words, theme.ON_COLOUR, SMALL, fill=theme.faded(colour, 0.94), align=0.5)
        y += 46


def _foot(sheet: Sheet, view: CameraView) -> None:
    """Per arm its letter and what it does; the camera's name between them."""
    y, middle = AREA.height, AREA.height + FOOT / 2 - 2
    name = advance(view.name, SMALL, 500)
    sheet.text(QRectF(AREA.width / 2 - 100, y - 2, 200, FOOT), view.name, theme.TEXT_DIM, SMALL, 500, CENTRE)
    room = (AREA.width - name) / 2 - EDGE - 48
    for arm, (words, colour) in enumerate(view.arms):
        if arm == 0:
            _letter(sheet, EDGE + 12, middle, arm)
            sheet.text(QRectF(EDGE + 36, y - 2, room, FOOT), words, colour, SMALL, 600, LEFT)
        else:
            _letter(sheet, AREA.width - EDGE - 12, middle, arm)
            area = QRectF(AREA.width - EDGE - 36 - room, y - 2, room, FOOT)
            sheet.text(area, words, colour, SMALL, 600, RIGHT)


def _signs(state: PanelState, status: Status | None, low_trust: bool) -> tuple[tuple[str, str], ...]:
    signs: list[tuple[str, str]] = []
    if state.preview:
        signs.append((f"Preview · {state.preview}", theme.ACCENT))
    if status is None:
        return tuple(signs)
    if low_trust and not state.preview:
        signs.append((f"Low trust {100 * status.trust:.0f} %", theme.FAILURE))
    if status.success and not state.preview:
        signs.append(("Success", theme.SUCCESS))
    if status.phase == "PAUSED":
        signs.append(("Paused", theme.TEXT))
    elif status.frozen:
        signs.append(("Waits for your hands", theme.OPERATOR))
    return tuple(signs)


def _arm(state: PanelState, status: Status, arm: int) -> tuple[str, str]:
    """What an arm does, and in which colour: the most urgent first."""
    if status.phase == "CORRECTING":
        if any(state.hands) and not state.hands[arm]:
            return "holds", theme.TEXT_DIM
        if not state.tracked[arm]:
            return "not tracked", theme.FAILURE
        if not status.device_connected:
            return "lost", theme.FAILURE
        if status.limit_hits[arm]:
            return "▲ at the edge", theme.WARNING
        if not status.clutch[arm]:
            return "clutch open", theme.TEXT
    height = float(status.observation.ee_state[arm_slice(arm)][POSITION][2])
    where = f" · z {100 * height:.0f} cm" if math.isfinite(height) else ""
    if status.phase == "CORRECTING":
        return f"you{where}", theme.OPERATOR
    if status.phase == "PAUSED":
        return f"holds{where}", theme.TEXT_DIM
    return (f"replay{where}", theme.REPLAY) if status.driver == "replay" else (f"policy{where}", theme.POLICY)
