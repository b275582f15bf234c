"""A kind of device that is only one more row of the table, in the real window."""

import pytest
from pytestqt.qtbot import QtBot

from devices import KINDS
from tests.app.inputs.test_input_devices import PATIENCE_MS, Open, device, sit
from tests.devices.fake_wheel import WHEEL, WheelDriver

__all__ = ["sit"]


def test_a_new_kind_drives_and_has_its_own_settings(sit: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, WHEEL.name, WHEEL)
    studio = sit(drivers={"wheel": WheelDriver()})
    qtbot.waitUntil(lambda: device(studio) == "wheel", timeout=PATIENCE_MS)
    assert studio.hands.arm_kinds[1] == "Steering wheel"
    assert studio.hands.control.dead_zone == WHEEL.feel["dead_zone"]
    dialog = studio.input_controller.show_settings("wheel")
    assert dialog.feel.device.currentText() == "All steering wheels"
    assert ("run", "pause") in dialog.buttons.adders
    assert dialog.buttons.chips[("run", "pause"), "wheel/horn"].text().startswith("Steering wheel horn")
    dialog.reject()
