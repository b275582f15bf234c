"""SDL and Qt in one process, as in the application: neither notices the other."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from benchmarks.emulated.virtual_pad import VirtualPad
from devices.gamepad.driver import GamepadDriver
from tests.devices.virtual import until


@pytest.mark.parametrize("round_number", [1, 2])
def test_pads_are_read_while_qt_runs(
    qtbot: QtBot, driver: GamepadDriver, plugged: Callable[..., VirtualPad], round_number: int
) -> None:
    """Twice, since SDL starts and ends with its last user while Qt stays."""
    field, fired = QLineEdit(), []
    qtbot.addWidget(field)
    field.show()
    timer = QTimer()
    timer.timeout.connect(lambda: fired.append(1))
    timer.start(1)
    pad = plugged()
    device = driver.device(driver.find()[0])
    device.connect()
    pad.push(left_y=-1.0)
    qtbot.keyClick(field, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: len(fired) > 20 and device.read().left.linear[0] == 1.0, timeout=20_000)
    assert field.text() == "a"
    pad.unplug()
    until(lambda: not device.connected)
    before = len(fired)
    qtbot.waitUntil(lambda: len(fired) > before + 5, timeout=20_000)
    timer.stop()
    device.disconnect()
