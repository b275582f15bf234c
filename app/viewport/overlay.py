"""What is drawn over and around the camera pictures: one function from a View to a Drawing.

A camera's name is at the foot of its picture, the badges of the arms in the outer lower corners. Who drives is
shown by a badge per arm (its letter and colour) and by the frame around the pictures; a state that the user must not
miss (paused, frozen, seeking, preview) is a sign in the middle of the upper edge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.viewport.drawing import Box, Colour, Drawing, Picture, Shape, box, disc, frame
from app.viewport.projected import ARM_COLOURS, hand_shapes, plan_shapes
from app.viewport.text_image import text_image
from app.widgets import theme
from core.action import ARMS, POSITION, arm_slice
from core.camera import Camera
from core.events import Status

MARGIN, GAP = 10, 10
PILL, PILL_PAD, INSET = 24, 9, 8
"""Height and side padding of a badge, and its distance from the edge of a picture."""
MOST_WORDS = 3
"""Of an arm's badge: more would fill a picture in a small window."""


Verdict = Literal["", "failure", "success"]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All that the viewport knows."""

    cameras: tuple[Camera, ...] = ()
    frames: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Camera name -> (H, W, 3) RGB; a camera that is missing shows an empty slot."""
    status: Status | None = None
    preview: str = ""
    """Words about the frames where they are not the head's: a scrubbed or hovered step."""
    seeking: str = ""
    """Where a rollback that is under way leads."""
    hands: tuple[str, str] = ("", "")
    """Per arm what drives it when the operator does; "" where it is unknown."""
    scale: float = 1.0
    """Tool metres per hand metre, or the factor on the speed of a rate device."""
    verdict: Verdict = ""
    """What a user marked at the head; it takes precedence over the task's own judgement."""
    recording: bool = False
    smooth: bool = True
    markers: bool = False
    """Draw the measured end effectors."""
    plan: NDArray[np.float32] | None = None
    """(H, 14) what the policy is about to do; drawn where it is known."""
    empty: tuple[str, str] = ("No scene yet", "Choose Scene ▸ Next scene, or open a session.")
    """Title and words where no camera has a frame."""


def arrange(size: tuple[int, int], cameras: Sequence[Camera], scale: float = 1.0) -> list[Box]:
    """A box per camera, aspect kept, as large as can be in rows and columns; whole pixels, centred."""
    if not cameras:
        return []
    margin, gap = round(MARGIN * scale), round(GAP * scale)
    aspect = cameras[0].width / cameras[0].height
    best: tuple[float, int] = (0.0, 1)
    for columns in range(1, len(cameras) + 1):
        rows = -(-len(cameras) // columns)
        wide = (size[0] - 2 * margin - (columns - 1) * gap) / columns
        high = (size[1] - 2 * margin - (rows - 1) * gap) / rows
        best = max(best, (min(wide, high * aspect), -columns))
    width, columns = max(1.0, best[0]), abs(best[1])
    height = width / aspect
    rows = -(-len(cameras) // columns)
    left = (size[0] - columns * width - (columns - 1) * gap) / 2
    top = (size[1] - rows * height - (rows - 1) * gap) / 2
    boxes = []
    for i in range(len(cameras)):
        x, y = left + (i % columns) * (width + gap), top + (i // columns) * (height + gap)
        boxes.append(Box(round(x), round(y), round(width), round(height)))
    return boxes


def compose(view: View, size: tuple[int, int], scale: float = 1.0) -> Drawing:
    """The picture of a view at a size in device pixels; `scale` is device pixels per design pixel."""
    canvas = _Canvas(scale)
    boxes = arrange(size, view.cameras, scale)
    pictures: list[Picture] = []
    if not view.frames:
        _empty(canvas, view, size)
        return Drawing(size, theme.rgba(theme.WELL), pictures, canvas.shapes, canvas.sprites)
    for camera, area in zip(view.cameras, boxes, strict=True):
        pixels = view.frames.get(camera.name)
        _frame_border(canvas, view, area)
        if pixels is None:
            canvas.shapes.append(box(area, theme.rgba(theme.PANEL), 4 * scale))
        else:
            pictures.append(Picture(f"camera {camera.name}", pixels, area, view.smooth))
            canvas.shapes += _projected(view, camera, area, scale)
    if boxes:
        x0, x1 = min(b.x for b in boxes), max(b.x + b.width for b in boxes)
        y0, y1 = min(b.y for b in boxes), max(b.y + b.height for b in boxes)
        badges = _furniture(canvas, view, Box(x0, y0, x1 - x0, y1 - y0))
        _names(canvas, [(camera.name, area) for camera, area in zip(view.cameras, boxes, strict=True)], badges)
    return Drawing(size, theme.rgba(theme.WELL), pictures, canvas.shapes, canvas.sprites)


def _projected(view: View, camera: Camera, area: Box, scale: float) -> list[Shape]:
    """What lies in the scene: the plan, and the end effectors at the head, which a preview does not show."""
    shapes = plan_shapes(view.plan, camera, area, scale) if view.plan is not None else []
    if view.markers and view.status is not None and not view.preview:
        shapes += hand_shapes(view.status.observation.ee_state, camera, area, scale)
    return shapes


class _Canvas:
    """Collects shapes and words."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.shapes: list[Shape] = []
        self.sprites: list[Picture] = []

    def words(self, text: str, x: float, y: float, colour: str, size: int = 12, weight: int = 500) -> tuple[int, int]:
        """Put a line with its upper left corner at a place; returns its width and height in device pixels."""
        image = text_image(text, size, colour, weight, self.scale)
        height, width = image.shape[:2]
        slot = f"text {text} {size} {colour} {weight} {self.scale}"
        self.sprites.append(Picture(slot, image, Box(round(x), round(y), width, height)))
        return width, height

    def width_of(self, text: str, size: int = 12, weight: int = 500) -> int:
        """Device pixels that a line takes."""
        return int(text_image(text, size, theme.TEXT, weight, self.scale).shape[1])

    def pill(
        self,
        x: float,
        y: float,
        parts: Sequence[tuple[str, str]],
        *,
        dot: str = "",
        fill: Colour | None = None,
        align: float = 0.0,
        weight: int = 500,
        letter: str = "",
    ) -> float:
        """A badge with words; returns its width.

        `align` 0 puts its left, 0.5 its middle, 1 its right edge at x. `dot` is the colour of a disc before the
        words, `letter` is drawn in the disc.
        """
        scale, pad, high = self.scale, PILL_PAD * self.scale, PILL * self.scale
        gap = 6 * scale
        lead = (15 if letter else 8) * scale + gap if dot else 0.0
        width = 2 * pad + lead + sum(self.width_of(t, weight=weight) for t, _ in parts) + gap * (len(parts) - 1)
        left = round(x - align * width)
        self.shapes.append(box(Box(left, round(y), width, high), fill or theme.rgba(theme.BACKGROUND, 0.82), high / 2))
        cursor = left + pad
        if dot:
            radius = (7.5 if letter else 4) * scale
            self.shapes.append(disc(cursor + radius, round(y) + high / 2, radius, theme.rgba(dot)))
            if letter:
                glyph = self.width_of(letter, 10, 700)
                self.words(
                    letter, cursor + radius - glyph / 2 + 0.5, y + (high - 12 * scale) / 2, theme.ON_COLOUR, 10, 700
                )
            cursor += lead
        for text, colour in parts:
            image = text_image(text, 12, colour, weight, scale)
            self.words(text, cursor, y + (high - image.shape[0]) / 2, colour, weight=weight)
            cursor += image.shape[1] + gap
        return float(width)


def _frame_border(canvas: _Canvas, view: View, area: Box) -> None:
    """A thin frame that says who drives: strong and warm while the operator does."""
    phase = view.status.phase if view.status is not None else "PAUSED"
    colour, width = {
        "AUTONOMOUS": (theme.rgba(theme.POLICY, 0.75), 2.0),
        "CORRECTING": (theme.rgba(theme.OPERATOR), 3.0),
        "PAUSED": (theme.rgba(theme.LINE_STRONG), 1.0),
    }[phase]
    if view.preview:
        colour, width = theme.rgba(theme.ACCENT), 2.0
    canvas.shapes += frame(area, colour, max(1, round(width * canvas.scale)))


def _names(canvas: _Canvas, names: Sequence[tuple[str, Box]], badges: Sequence[Box]) -> None:
    """Each camera's name at the foot of its picture; all one row higher where one would lie over an arm's badge."""
    row, gap = (INSET + PILL) * canvas.scale, INSET * canvas.scale

    def covered(name: str, area: Box) -> bool:
        x, y = area.x + area.width / 2, area.y + area.height - row
        reach = canvas.width_of(name) / 2 + PILL_PAD * canvas.scale + gap
        return any(b.x < x + reach and x - reach < b.x + b.width and abs(b.y - y) < row for b in badges)

    rows = 2 if any(covered(name, area) for name, area in names) else 1
    for name, area in names:
        foot = area.y + area.height - rows * row
        canvas.pill(area.x + area.width / 2, foot, [(name, theme.TEXT_DIM)], align=0.5)


def _furniture(canvas: _Canvas, view: View, area: Box) -> list[Box]:
    """Signs on the upper edge, recording on the right, a badge per arm on the lower edge; where the badges are."""
    inset = INSET * canvas.scale
    top, bottom = area.y + inset, area.y + area.height - inset - PILL * canvas.scale
    _signs(canvas, view, area.x + area.width / 2, top)
    status, badges = view.status, list[Box]()
    if status is None:
        return badges
    if view.recording:
        count, moves = f"{status.recorded:,}".replace(",", " "), status.phase != "PAUSED" and not status.frozen
        words = (
            [("RECORDING", theme.TEXT), (count, theme.TEXT_DIM)] if moves else [(f"{count} recorded", theme.TEXT_DIM)]
        )
        canvas.pill(area.x + area.width - inset, top, words, dot=theme.FAILURE if moves else theme.TEXT_FAINT, align=1)
    for arm in (0, 1):
        x = area.x + inset if arm == 0 else area.x + area.width - inset
        words = _arm_words(view, status, arm)
        if len(words) < MOST_WORDS:
            words.append((_height(status, arm), theme.TEXT_DIM))
        wide = canvas.pill(x, bottom, words, dot=ARM_COLOURS[arm], letter=ARMS[arm][0].upper(), align=float(arm))
        badges.append(Box(round(x - arm * wide), round(bottom), round(wide), round(PILL * canvas.scale)))
    return badges


def _arm_words(view: View, status: Status, arm: int) -> list[tuple[str, str]]:
    """Who drives an arm and what holds it back, with colours."""
    if status.phase == "AUTONOMOUS":
        replays = status.driver == "replay"
        return [("replay", theme.REPLAY) if replays else ("policy", theme.POLICY)]
    if status.phase == "PAUSED":
        return [("holds", theme.TEXT_DIM)]
    if any(view.hands) and not view.hands[arm]:
        return [("holds", theme.TEXT_DIM)]
    words = [("you", theme.OPERATOR)]
    if view.hands[arm]:
        words.append((view.hands[arm], theme.TEXT_DIM))
    if view.scale != 1.0:
        words.append((f"{view.scale:g}×", theme.TEXT))
    if not status.device_connected:
        words.append((f"{status.device} lost", theme.FAILURE))
    elif not status.clutch[arm]:
        words.append(("clutch open", theme.TEXT_DIM))
    if status.limit_hits[arm]:
        words.append(("▲ limit", theme.WARNING))
    return words


def _height(status: Status, arm: int) -> str:
    """How high an arm's tool is; a picture without shadows does not show whether it touches or passes over."""
    height = float(status.observation.ee_state[arm_slice(arm)][POSITION][2])
    return f"z {round(100 * height)} cm" if np.isfinite(height) else "z unknown"


def _signs(canvas: _Canvas, view: View, x: float, y: float) -> None:
    """The states that the user must not miss, side by side."""
    signs: list[tuple[str, str]] = []
    status = view.status
    if view.preview:
        signs.append((f"PREVIEW  {view.preview}", theme.ACCENT))
    elif view.verdict == "failure":
        signs.append(("✕ FAILURE", theme.FAILURE))
    elif view.verdict == "success" or (status is not None and status.success):
        signs.append(("✓ SUCCESS", theme.SUCCESS))
    if view.seeking:
        signs.append((f"SEEKING  {view.seeking}", theme.ACCENT))
    if status is not None and status.phase == "PAUSED":
        signs.append(("PAUSED", theme.TEXT))
    elif status is not None and status.frozen:
        signs.append(("FROZEN  hands at rest", theme.OPERATOR))
    gap = 6 * canvas.scale
    widths = [canvas.width_of(text, weight=600) + 2 * PILL_PAD * canvas.scale for text, _ in signs]
    left = x - (sum(widths) + gap * (len(signs) - 1)) / 2
    for (text, colour), width in zip(signs, widths, strict=True):
        canvas.pill(left, y, [(text, theme.ON_COLOUR)], fill=theme.rgba(colour, 0.94), weight=600)
        left += width + gap


def _empty(canvas: _Canvas, view: View, size: tuple[int, int]) -> None:
    """Words in the middle where there is nothing to see."""
    title, text = view.empty
    middle = size[1] / 2
    margin = MARGIN * canvas.scale
    area = Box(margin, margin, max(1.0, size[0] - 2 * margin), max(1.0, size[1] - 2 * margin))
    canvas.shapes.append(
        box(area, theme.rgba(theme.BACKGROUND), 8 * canvas.scale, theme.rgba(theme.LINE), canvas.scale)
    )
    high = text_image(title, 18, theme.TEXT, 600, canvas.scale).shape[0]
    canvas.words(title, (size[0] - canvas.width_of(title, 18, 600)) / 2, middle - high, theme.TEXT, 18, 600)
    canvas.words(
        text, (size[0] - canvas.width_of(text, 13, 400)) / 2, middle + 6 * canvas.scale, theme.TEXT_DIM, 13, 400
    )
