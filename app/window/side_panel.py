"""The column beside the pictures: who drives, how far to trust it, who computes it, what is on disk."""

import math
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.commands.command import UiPhase
from app.widgets import theme
from app.widgets.device_words import device_words, in_sentence
from app.widgets.elided import Elided
from app.widgets.labels import PlainLabel, plain_tip
from app.widgets.meter import Meter
from app.widgets.numbers import grouped
from core.events import Status
from core.identity import Identity
from core.policy import PolicySpec
from core.world import WorldSpec

PHASE_TITLES: dict[UiPhase, str] = {
    "LOADING": "Loading",
    "AUTONOMOUS": "Autonomous",
    "PAUSED": "Paused",
    "CORRECTING": "Correcting",
}
WIDTH = 272
REACHED = 0.8
"""Fraction of the requested speed below which a warning is shown."""
LOW_TRUST, FAIR_TRUST = 0.4, 0.7
"""Below: the imagination is not to be believed; between: look twice."""


def short_hash(identity: Identity) -> str:
    """The first eight characters of the weights' hash, or words where there are no weights."""
    return identity.sha256[:8] or "no weights"


def identity_tip(identity: Identity) -> str:
    """The whole hash of the weights, and what computes them."""
    return plain_tip(f"SHA-256 {identity.sha256 or 'none'}\n{identity.backend}")


def trust_words(trust: float) -> tuple[str, str]:
    """(words, colour) of a trust 0..1, NaN where unknown."""
    if math.isnan(trust):
        return "unknown", theme.TEXT_DIM
    percent = f"{100 * trust:.0f} %"
    if trust < LOW_TRUST:
        return f"{percent}, low", theme.FAILURE
    if trust < FAIR_TRUST:
        return f"{percent}, fair", theme.WARNING
    return f"{percent}, good", theme.SUCCESS


def speed_words(status: Status, dt: float) -> str:
    """The speed that was asked for, and what is reached of it where the computer is too slow; dt in seconds."""
    reached = status.rate_hz * dt
    words = f"{status.speed:g}×"
    if status.phase != "PAUSED" and not status.frozen and 0.0 < reached < REACHED * status.speed:
        words += f", {reached:.1f}× reached"
    return words + (", freezes at rest" if status.freeze_on_idle else "")


def driver_words(phase: UiPhase, status: Status | None) -> str:
    """What drives now, in a few words."""
    if status is None:
        return "Nothing is driven yet"
    if phase == "CORRECTING":
        resting = ", frozen while you rest" if status.frozen else ""
        if status.device == "operator":
            return f"The scripted operator drives{resting}"
        return f"You drive, {in_sentence(device_words(status.device))}{resting}"
    return "The policy drives" if phase == "AUTONOMOUS" else "The world is paused"


class Section(QFrame):
    """A titled group of lines: a dim name on the left, its value on the right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(5)
        head = PlainLabel(title.upper())
        head.setObjectName("section")
        self.column.addWidget(head)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(3)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self.column.addLayout(self._grid)

    def line(self, name: str) -> PlainLabel:
        """Add a line; the label of its value."""
        label, value = PlainLabel(name), PlainLabel("–")
        label.setObjectName("dim")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        return value

    def note(self) -> PlainLabel:
        """Add a wrapping line of small print."""
        note = PlainLabel()
        note.setObjectName("note")
        note.setWordWrap(True)
        note.hide()
        self.column.addWidget(note)
        return note


class SidePanel(QScrollArea):
    """Shows a status; decides nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidepanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(WIDTH)
        content = QWidget()
        content.setObjectName("sidecontent")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(16, 14, 16, 14)
        self._column.setSpacing(16)
        self.setWidget(content)
        self._steps, self._records, self._dt = 0, True, 0.0
        self._build_phase()
        self._build_gauges()
        self._build_hands()
        self._build_parts()
        self._build_pace()
        self._build_recording()
        self._column.addStretch(1)
        self.show_status("LOADING", None)

    def _build_phase(self) -> None:
        self.phase, self.driver = PlainLabel(), PlainLabel()
        self.phase.setObjectName("phase")
        self.driver.setObjectName("driver")
        self.driver.setWordWrap(True)
        self._column.addWidget(self.phase)
        self._column.addWidget(self.driver)
        self._column.setSpacing(6)

    def _build_gauges(self) -> None:
        self.progress, self.trust = Meter("Progress"), Meter("Trust in the imagination")
        box = Section("Now")
        self.branch, self.place = box.line("Branch"), box.line("Step")
        box.column.addSpacing(2)
        box.column.addWidget(self.progress)
        box.column.addWidget(self.trust)
        self._column.addSpacing(8)
        self._column.addWidget(box)

    def _build_hands(self) -> None:
        box = Section("Device")
        self.device = box.line("Driving")
        self.clutch = box.line("Hands")
        self.limits = box.line("Limits")
        self._column.addSpacing(8)
        self._column.addWidget(box)

    def _build_parts(self) -> None:
        self.world_box, self.policy_box = Section("World"), Section("Policy")
        self.world = self.world_box.line("Kind")
        self.world_id = self.world_box.line("Weights")
        self.told = self.world_box.note()
        self.why = self.world_box.note()
        self.why.setObjectName("why")
        self.policy = self.policy_box.line("Name")
        self.policy_id = self.policy_box.line("Weights")
        self.policy_why = self.policy_box.note()
        self.policy_why.setObjectName("why")
        for box in (self.world_box, self.policy_box):
            self._column.addSpacing(8)
            self._column.addWidget(box)

    def _build_pace(self) -> None:
        box = Section("Pace")
        self.rate = box.line("Rate")
        self.compute = box.line("Compute")
        self.latency = box.line("To the screen")
        self._latency_ms: float | None = None
        self.speed = box.line("Speed")
        self._column.addSpacing(8)
        self._column.addWidget(box)

    def _build_recording(self) -> None:
        box = Section("Recording")
        self.recorded = box.line("On disk")
        self.folder = Elided(Qt.TextElideMode.ElideLeft)
        self.folder.setObjectName("note")
        box.column.addWidget(self.folder)
        self._column.addSpacing(8)
        self._column.addWidget(box)

    def show_world(self, spec: WorldSpec, why: str = "") -> None:
        """Show the world, what it was trained on, and why it was chosen if that needs an explanation."""
        self._dt = spec.dt
        self.world.setText(spec.kind if spec.kind == spec.identity.name else f"{spec.identity.name} ({spec.kind})")
        self.world_id.setText(short_hash(spec.identity))
        self.world_id.setToolTip(identity_tip(spec.identity))
        self._say(self.told, spec.training_inputs)
        self._say(self.why, why)

    def show_policy(self, spec: PolicySpec, why: str = "") -> None:
        """Show the policy, and why it was chosen if that needs an explanation."""
        self.policy.setText(spec.identity.name)
        self.policy_id.setText(short_hash(spec.identity))
        self.policy_id.setToolTip(identity_tip(spec.identity))
        self._say(self.policy_why, why)

    def show_session(self, folder: Path | None) -> None:
        """Where the steps are written."""
        self._records = folder is not None
        self.folder.show_text(str(folder) if folder is not None else "not recording")

    def show_latency(self, milliseconds: float) -> None:
        """From the status that the runtime made to the swapped frame.

        It is written with the next status: at once would draw and swap the whole window a second time per frame.
        """
        self._latency_ms = milliseconds

    def show_place(self, branch: str, steps: int) -> None:
        """The head's branch in words, and how many steps the session has, on disk or not yet."""
        self.branch.setText(branch)
        self._steps = steps

    def show_status(self, phase: UiPhase, status: Status | None, length: int = 0) -> None:
        """Everything that changes while the session lives; `length` is the last node of the branch."""
        if self.phase.text() != PHASE_TITLES[phase]:
            self.phase.setText(PHASE_TITLES[phase])
            self.phase.setProperty("phase", phase)
            style = self.phase.style()
            if style is not None:
                style.polish(self.phase)
        self.driver.setText(driver_words(phase, status))
        if status is None:
            return
        self.place.setText(f"{status.head.index} of {max(length, status.head.index)} · {status.world_time:.1f} s")
        done = f"{100 * status.progress:.0f} %" + (", success" if status.success else "")
        self.progress.show_value(status.progress, done, theme.SUCCESS if status.success else theme.ACCENT)
        self.trust.show_value(status.trust, *trust_words(status.trust))
        self.device.setText(device_words(status.device) + ("" if status.device_connected else ", not connected"))
        hands = [side for side, on in zip(("left", "right"), status.clutch, strict=True) if on]
        self.clutch.setText(" and ".join(hands) + " engaged" if hands else "at rest")
        cut = [side for side, on in zip(("left", "right"), status.limit_hits, strict=True) if on]
        self.limits.setText(" and ".join(cut) + " held back" if cut else "free")
        self.rate.setText("–" if phase == "PAUSED" else f"{status.rate_hz:.1f} steps/s")
        self.compute.setText(f"{status.step_ms:.1f} ms/step" if status.step_ms else "–")
        self.latency.setText("–" if self._latency_ms is None else f"{self._latency_ms:.0f} ms")
        self.speed.setText(speed_words(status, self._dt))
        self.recorded.setText(self._recorded_words(status.recorded))

    def _recorded_words(self, recorded: int) -> str:
        """How much is on disk, and of how much where some is still on its way."""
        if not self._records:
            return "nothing"
        of = f" of {grouped(self._steps)}" if self._steps > recorded else ""
        return f"{grouped(recorded)}{of} steps"

    @staticmethod
    def _say(label: PlainLabel, text: str) -> None:
        """Show the first line; the others are the tool tip."""
        brief, _, more = text.partition("\n")
        label.setText(brief)
        label.setToolTip(plain_tip(more))
        label.setVisible(bool(text))
