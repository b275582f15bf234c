"""Which buttons carry out the session's verbs: press the one you want; its earlier meaning is shown first."""

from collections.abc import Mapping, Sequence
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.commands.key_bindings import Rows, conflict, own_keys
from app.inputs.button_learner import ButtonLearner
from app.inputs.device_card import tab_button
from app.inputs.input_devices import InputDevices
from app.widgets.device_words import device_words
from app.widgets.flow_layout import FlowLayout
from app.widgets.labels import PlainLabel
from devices import KINDS
from devices.combine import driver_of
from devices.keyboard.kind import KEY
from devices.profile import Profile
from devices.profile_edits import (
    SWITCH,
    buttons_of,
    rows,
    taken_by,
    with_button,
    with_usual_buttons,
    without_button,
)

Verbs = tuple[str, ...]
ADD: Final = "+"
NOTE: Final = (
    "Every device's buttons count, whether it drives or not. A foot pedal is a keyboard: press it like a key. "
    "+ adds the button that you press next, × takes one away."
)


class ButtonsPage(QWidget):
    """Shows the bindings of a profile; forwards what the user wants."""

    wanted = pyqtSignal(object)
    """A Profile."""

    def __init__(self, hands: InputDevices, rows: Rows, dialog: QWidget) -> None:
        super().__init__()
        self._rows = {command.name: command for command in rows}
        self._hands, self._profile = hands, hands.profile
        self.learner = ButtonLearner(hands, dialog)
        self.learner.learned.connect(self._learned)
        self.learner.stopped.connect(self._stopped)
        self._for: Verbs = ()
        self._asked: tuple[Verbs, str] | None = None
        self.chips: dict[tuple[Verbs, str], QToolButton] = {}
        self.adders: dict[Verbs, QToolButton] = {}
        self.words, self.instead, self.leave = (
            PlainLabel(),
            tab_button("Use it here instead", ""),
            tab_button("Leave it", ""),
        )
        self.words.setObjectName("why")
        self.words.setWordWrap(True)
        self.instead.clicked.connect(self._use_it)
        self.leave.clicked.connect(lambda: self._say(""))
        note = PlainLabel(NOTE)
        note.setObjectName("note")
        note.setWordWrap(True)
        self._table = QWidget()
        self._table.setObjectName("bindings")
        self._grid = QGridLayout(self._table)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._table)
        answers = QHBoxLayout()
        for button in (self.instead, self.leave):
            answers.addWidget(button)
        answers.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(area, 1)
        column.addWidget(self.words)
        column.addLayout(answers)
        column.addWidget(note)
        self._say("")
        self.show_profile(self._profile)

    def show_profile(self, profile: Profile) -> None:
        """Show the bindings of a profile."""
        before = self._profile
        same = self.adders and (profile.bindings, profile.switch) == (before.bindings, before.switch)
        self._profile = profile
        if same:
            return
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.chips, self.adders = {}, {}
        self._grid.setColumnStretch(1, 1)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setVerticalSpacing(9)
        for row, verbs in enumerate([*rows(profile.bindings), (SWITCH,)]):
            self._grid.addWidget(PlainLabel(self.title(verbs)), row, 0)
            self._grid.addWidget(self._row(verbs, buttons_of(profile, verbs)), row, 1)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def look(self) -> None:
        """Nothing moves here by itself."""

    def restore(self) -> None:
        """The usual buttons."""
        self._say("")
        self._forward(with_usual_buttons(self._profile))

    def _row(self, verbs: Verbs, buttons: Sequence[str]) -> QWidget:
        holder = QWidget()
        line = FlowLayout(holder)
        for button in buttons:
            chip = tab_button(f"{button_words(button, self._names())}  ×", "Take it away")
            chip.clicked.connect(lambda _=False, button=button: self._take(verbs, button))
            self.chips[verbs, button] = chip
            line.addWidget(chip)
        if not buttons and SWITCH in verbs:
            usual = PlainLabel("as usual")
            usual.setObjectName("note")
            usual.setToolTip(usual_switches())
            line.addWidget(usual)
        adder = tab_button(ADD, "Add a button: press the one that you want", checkable=True)
        adder.clicked.connect(lambda on: self._listen(verbs) if on else self.learner.stop())
        self.adders[verbs] = adder
        line.addWidget(adder)
        return holder

    def _names(self) -> Mapping[str, str]:
        return {key: one.words for key, one in self._hands.plugged.all.items()}

    def title(self, verbs: Verbs) -> str:
        """The words of commands, as in the menus."""
        words = (self._rows[verb].text.rstrip("…") if verb in self._rows else "Change the arm" for verb in verbs)
        return " / ".join(words)

    # -- learning --------------------------------------------------------------------------------------------------

    def _listen(self, verbs: Verbs) -> None:
        self._for = verbs
        for other, adder in self.adders.items():
            adder.setChecked(other == verbs)
            adder.setText("Press it now, or Esc" if other == verbs else ADD)
        self._say("")
        self.learner.start()

    def _stopped(self) -> None:
        for adder in self.adders.values():
            adder.setChecked(False)
            adder.setText(ADD)

    def _learned(self, button: str) -> None:
        self._stopped()
        verbs, words = self._for, button_words(button, self._names())
        if button in buttons_of(self._profile, verbs):
            self._say(f"“{words}” does that already.")
            return
        if SWITCH in verbs and button.startswith(f"{KEY}/"):
            self._say("The arm is changed by Tab on the keyboard; here it gets a button of a device.")
            return
        others = taken_by(self._profile, verbs, button)
        if others:
            meant = " and ".join(f"“{self.title((other,))}”" for other in others)
            self._asked = verbs, button
            self._say(f"“{words}” means {meant} at the same time.", ask=True)
            return
        self._add(verbs, button)

    def _use_it(self) -> None:
        if self._asked is not None:
            self._add(*self._asked)

    def _add(self, verbs: Verbs, button: str) -> None:
        try:
            profile = with_button(self._profile, verbs, button)
        except ValueError as error:
            self._say(sentence(str(error)))
            return
        wanted = own_keys(profile.bindings)
        words = next(
            (
                text
                for verb in verbs
                if verb in wanted and (text := conflict(verb, wanted[verb], wanted, tuple(self._rows.values())))
            ),
            "",
        )
        if words:
            self._say(words)
            return
        self._say("")
        self._forward(profile)

    def _take(self, verbs: Verbs, button: str) -> None:
        self._say("")
        self._forward(without_button(self._profile, verbs, button))

    def _forward(self, profile: Profile) -> None:
        self.wanted.emit(profile)

    def _say(self, words: str, *, ask: bool = False) -> None:
        if not ask:
            self._asked = None
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.instead.setVisible(ask)
        self.leave.setVisible(ask)


def usual_switches() -> str:
    """The buttons that change the arm unless the operator chose another one, in words."""
    words = ", ".join(kind.switch_words for kind in KINDS.values() if kind.switch_words)
    return words[:1].upper() + words[1:]


def button_words(button: str, names: Mapping[str, str]) -> str:
    """A button in words: "Gamepad start", "Key Return"; of one device alone its own name."""
    device, _, name = button.rpartition("/")
    if device == KEY:
        return f"Key {name.capitalize() if len(name) > 1 else name.upper()}"
    words = names.get(device, device_words(driver_of(device)).removesuffix(" teleoperator"))
    return f"{words} {name.replace('_', ' ')}"


def sentence(words: str) -> str:
    """An error that names the place of a button in a file, for the user who pressed it."""
    words = words.removeprefix("this: ").removeprefix("this ")
    return words[:1].upper() + words[1:] + "."
