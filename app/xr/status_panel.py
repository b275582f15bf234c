"""The status strip: phase, who drives, trust, rate, recording, and the last words."""

import math
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage

from app.timeline.strips import FAIR_TRUST, LOW_TRUST
from app.widgets import theme
from app.xr.canvas import CENTRE, RIGHT, Sheet, advance
from app.xr.sizes import BODY, EDGE, FAR, STATUS, TITLE
from app.xr.state import PanelState
from core.events import Status

PHASES: Final = {
    "AUTONOMOUS": ("The policy drives", "run", theme.POLICY),
    "CORRECTING": ("You drive", "take_over", theme.OPERATOR),
    "PAUSED": ("Paused", "pause", theme.TEXT),
}
"""Words, icon, colour."""
LEVELS: Final = {
    "info": ("info", theme.TEXT_DIM), "warning": ("warning", theme.WARNING), "error": ("failure", theme.FAILURE)
}  # fmt: skip
ROW: Final = 64
"""Height of the upper line, dmm; the words below it have the same."""


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip shows; equal strips look equal."""

    phase: str
    icon: str
    colour: str
    driver: str
    trust: int | None
    """Percent; None where unknown."""
    rate: str
    recorded: str
    """"" while nothing is recorded."""
    level: str
    words: str


def content(state: PanelState) -> Strip:
    """What the strip shows of a state."""
    status = state.status
    if status is None:
        return Strip("No session", "info", theme.TEXT_DIM, "", None, "", "", "info", _words(state)[1])
    phase, icon, colour = PHASES[status.phase]
    if status.phase == "AUTONOMOUS" and status.driver == "replay":
        phase, icon, colour = "A replay runs", "again", theme.REPLAY
    level, words = _words(state)
    return Strip(
        phase=phase,
        icon=icon,
        colour=colour,
        driver=_driver(state, status),
        trust=None if math.isnan(status.trust) else round(100 * status.trust),
        rate=f"{status.rate_hz:.0f} steps/s" + ("" if status.speed == 1.0 else f" · {status.speed:g}×"),
        recorded=f"{status.recorded:,} recorded".replace(",", " ") if state.recording else "",
        level=level,
        words=words,
    )


def paint(strip: Strip) -> QImage:
    """The strip as an image."""
    sheet = Sheet(STATUS)
    sheet.fill(QRectF(0, 0, 8, STATUS[1]), theme.faded(strip.colour, 1.0))
    x = float(EDGE + 8)
    sheet.icon(strip.icon, x, 12, 44, strip.colour)
    x += 58
    sheet.text(QRectF(x, 2, 420, ROW), strip.phase, strip.colour, TITLE, 600)
    _facts(sheet, strip, x + advance(strip.phase, TITLE, 600) + 16)
    sheet.fill(QRectF(EDGE + 8, ROW + 2, STATUS[0] - 2 * EDGE - 8, 1.5), theme.faded(theme.LINE, 1.0))
    icon, colour = LEVELS.get(strip.level, LEVELS["info"])
    driver = min(470.0, advance(strip.driver, FAR, 500) + 4) if strip.level == "info" else 0.0  # warnings need the room
    if driver > 4:
        sheet.text(QRectF(STATUS[0] - EDGE - driver, ROW + 2, driver, ROW), strip.driver, theme.TEXT_DIM, FAR)
    if strip.words:
        sheet.icon(icon, EDGE + 8, ROW + 18, 32, colour)
        tone = theme.TEXT if strip.level != "info" else theme.TEXT_DIM
        sheet.text(QRectF(EDGE + 52, ROW + 2, STATUS[0] - 2 * EDGE - 72 - driver, ROW), strip.words, tone, BODY)
    return sheet.finish()


def _facts(sheet: Sheet, strip: Strip, left: float) -> None:
    """Recording, rate and trust from the right edge; the meter of trust only where there is room for it."""
    x = float(STATUS[0] - EDGE)
    words, colour = (strip.recorded, theme.TEXT) if strip.recorded else ("not recording", theme.TEXT_FAINT)
    if strip.rate:
        width = advance(words, FAR, 500)
        sheet.text(QRectF(x - width - 2, 4, width + 4, ROW), words, colour, FAR, 500, RIGHT)
        x -= width + 16
        if strip.recorded:
            sheet.disc(x - 2, 4 + ROW / 2, 9, theme.FAILURE)
            x -= 16
        x -= 24
        width = advance(strip.rate, FAR, 500)
        sheet.text(QRectF(x - width - 2, 4, width + 4, ROW), strip.rate, theme.TEXT_DIM, FAR, 500, RIGHT)
        x -= width + 40
        _trust(sheet, strip.trust, x, left)


def _trust(sheet: Sheet, trust: int | None, right: float, left: float) -> None:
    """A meter with its number and, where it is not good, a word."""
    if trust is None:
        words, colour = "trust unknown", theme.TEXT_FAINT
    elif trust < 100 * LOW_TRUST:
        words, colour = f"trust {trust} % low", theme.FAILURE
    elif trust < 100 * FAIR_TRUST:
        words, colour = f"trust {trust} % fair", theme.WARNING
    else:
        words, colour = f"trust {trust} %", theme.SUCCESS
    width = advance(words, FAR, 600)
    tone = colour if trust is None or trust < 100 * FAIR_TRUST else theme.TEXT
    sheet.text(QRectF(right - width - 2, 4, width + 4, ROW), words, tone, FAR, 600, CENTRE)
    x = right - width - 14
    if trust is not None and x - 96 >= left:
        meter = QRectF(x - 96, 4 + ROW / 2 - 7, 96, 14)
        sheet.box(meter, theme.LINE, 7)
        sheet.box(QRectF(meter.x(), meter.y(), max(14.0, 0.96 * trust), 14), colour, 7)


def _driver(state: PanelState, status: Status) -> str:
    """With which device, and how the hands are scaled."""
    if not status.device_connected:
        return f"{status.device} lost"
    if status.phase != "CORRECTING":
        return ""
    names = [name for name in dict.fromkeys(state.hands) if name]
    words = " + ".join(names) or status.device
    return words if state.scale == 1.0 else f"{words} · {state.scale:g}×"


def _words(state: PanelState) -> tuple[str, str]:
    """(level, words): what is wrong now before what was said last."""
    lost = [side for side, seen in zip(("left", "right"), state.tracked, strict=True) if not seen]
    if lost:
        which = "Both controllers are" if len(lost) == 2 else f"The {lost[0]} controller is"
        return "warning", f"{which} not tracked: hold it where the headset sees it."
    if state.status is not None and not state.status.device_connected:
        return "error", f"{state.status.device} is lost; the rollout waits. Nothing that was recorded is lost."
    if state.message is not None:
        return state.message.level, state.message.text.replace("\n", " ")
    if state.preview:
        return "info", f"Preview: {state.preview}"
    if state.status is not None and state.status.frozen:
        return "info", "The world waits while your hands rest."
    if state.status is not None and state.status.success:
        return "info", "The task is done: mark success, or go on."
    if state.status is not None and state.status.phase == "CORRECTING" and not any(state.status.clutch):
        return "info", "Hold a clutch: that arm follows your hand."
    return "info", ""
