"""The table of devices: one row is all that the program needs to know of a kind."""

import subprocess
import sys
from pathlib import Path

import pytest

import main
from app.command import doctor_checks
from app.widgets.device_words import device_words, plural_words
from core.commands import DEVICE_COMMANDS
from core.control import ControlConfig
from devices import KINDS, profile
from devices.combine import Assignment
from devices.default_assignment import by_itself, with_switch
from devices.discovery import Discovered
from devices.gamepad.kind import GAMEPAD
from devices.gamepad.layout import LAYOUTS
from devices.hotplug import HotplugDevices
from devices.profile import FEEL, Profile, usual_feel
from devices.profile_edits import with_feel
from devices.verb_bindings import bindings_with, check_button, verbs_pressed
from tests.devices.fake_wheel import WHEEL
from tests.devices.test_reader import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch) -> str:
    """The table with one more row, and without the kinds whose libraries would look at this machine; a device key."""
    for name in [name for name, kind in KINDS.items() if kind.driver]:
        monkeypatch.delitem(KINDS, name)
    monkeypatch.setitem(KINDS, WHEEL.name, WHEEL)
    return "wheel:usb-7"


def test_a_new_kind_is_discovered_and_read(wheel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["devices"]) == 0
    assert "wheel:usb-7  Racing wheel (USB 7), one hand" in capsys.readouterr().out
    plugged = HotplugDevices()
    plugged.start()
    try:
        until(lambda: plugged.readings().get(wheel) is not None)
    finally:
        plugged.stop()


def test_a_new_kind_is_assigned_by_its_rank_and_has_its_own_switch(wheel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, GAMEPAD.name, GAMEPAD)
    pad = Discovered("gamepad", "a", "Pad", 2)
    assignment = by_itself(Profile(), [pad, Discovered("wheel", "usb-7", "Racing wheel", 1)])
    assert assignment == Assignment(wheel, wheel, "right", "right")
    assert with_switch(assignment, Profile()).switch == "wheel/right_paddle"


def test_a_new_kind_has_names_for_users(wheel: str) -> None:
    assert device_words("wheel + keyboard") == "Steering wheel + Keyboard"
    assert plural_words("wheel") == "steering wheels"


def test_the_buttons_of_a_new_kind_are_bound_and_a_misspelt_one_is_refused(wheel: str, tmp_path: Path) -> None:
    usual = Profile()
    assert "wheel/horn" in usual.bindings["run"]
    assert verbs_pressed({f"{wheel}/horn": 0}, {f"{wheel}/horn": 1}, bindings_with(), "PAUSED") == ("run",)
    with pytest.raises(ValueError, match=r"steering wheels have no button 'hron'.*'horn'"):
        check_button("wheel/hron", "pause")
    profile.save(usual, tmp_path / "operator.toml")
    assert profile.load(tmp_path / "operator.toml") == usual


def test_a_new_kind_has_its_own_feel(wheel: str) -> None:
    assert Profile().feel_of(wheel) == ControlConfig(dead_zone=0.25)
    assert with_feel(with_feel(Profile(), "wheel", "dead_zone", 0.5), "wheel", "dead_zone", 0.25) == Profile()


def test_doctor_checks_a_new_kind(wheel: str) -> None:
    assert [check().name for check in doctor_checks.devices()] == ["Steering wheels"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_row_is_consistent(kind: object) -> None:
    assert isinstance(kind, type(WHEEL))
    assert KINDS[kind.name] is kind
    assert set(kind.bindings) <= set(DEVICE_COMMANDS)
    assert set(kind.feel) <= set(FEEL)
    used = {button for buttons in kind.bindings.values() for button in buttons} | ({kind.switch} - {""})
    assert used.isdisjoint(kind.modifiers)
    assert not kind.buttons or used <= set(kind.buttons)
    assert usual_feel(kind.name).scale == 1.0


def test_the_modifiers_of_a_gamepad_are_those_of_its_layouts() -> None:
    assert GAMEPAD.modifiers == frozenset().union(*(layout.modifiers for layout in LAYOUTS.values()))


def test_the_table_loads_no_library_of_hardware() -> None:
    program = (
        "import sys, devices; "
        "print([name for name in ('pygame', 'easyhid', 'pyspacemouse', 'serial', 'xr', 'PyQt6', 'mujoco')"
        " if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
