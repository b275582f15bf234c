"""The doctor names the command that mends, and goes on where a check itself fails."""

import json
import types
from pathlib import Path

import pytest

import main
from app.command import doctor, doctor_checks
from app.command.screen import VirtualScreen
from app.window.main_window import SMALLEST
from core.check import Check
from core.errors import MissingPackage
from devices.gamepad import check as gamepads
from devices.leader import check as leaders
from devices.leader.ports import SerialPort
from devices.openxr import check as headset
from devices.spacemouse import check as pucks
from devices.spacemouse import library
from devices.udev import INSTALL, RULES


def test_every_line_is_ok_or_names_the_fix(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    checks = (lambda: Check("One", "ok", "fine"), lambda: Check("Two", "optional", "missing", "apt install two"))
    monkeypatch.setattr(doctor_checks, "checks", lambda: checks)
    assert main.main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == ["ok    One: fine", "–     Two: missing", "        apt install two"]
    three = Check("Three", "broken", "gone", "make env")
    monkeypatch.setattr(doctor_checks, "checks", lambda: (*checks, lambda: three))
    assert main.main(["doctor", "--json"]) == 1
    out = capsys.readouterr()
    assert [check["state"] for check in json.loads(out.out)["checks"]] == ["ok", "optional", "broken"]
    assert "Three" in out.err


def test_a_check_that_fails_itself_is_broken() -> None:
    def graphics_card() -> Check:
        raise RuntimeError("no idea")

    (result,) = doctor.examine([graphics_card], lambda check: None)
    assert (result.name, result.state) == ("graphics card", "broken")
    assert "no idea" in result.words


def test_the_checks_of_this_machine() -> None:
    assert doctor_checks.python().state == "ok"
    window = doctor_checks.window()
    assert window.state == "ok", window
    assert "OpenGL" in window.words
    assert gamepads.check().name.startswith("SDL")


def test_hidapi(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> list[object]:
        raise MissingPackage("A SpaceMouse needs hidapi. Run `sudo apt install libhidapi-hidraw0`, then start again.")

    monkeypatch.setattr(library, "listed", missing)
    assert pucks.check().cure == "sudo apt install libhidapi-hidraw0"
    spec = types.SimpleNamespace(name="SpaceNavigator")
    puck = types.SimpleNamespace(path="/dev/hidraw7", usage=(1, 8), spec=spec)
    monkeypatch.setattr(library, "listed", lambda: [puck])
    monkeypatch.setattr(pucks, "forbidden", lambda path: True)
    assert pucks.check().cure == INSTALL
    monkeypatch.setattr(pucks, "forbidden", lambda path: False)
    assert pucks.check().words == "1 interface plugged in"


def test_serial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaders, "serial_ports", lambda: [SerialPort("k", "/dev/null", "board", 1)])
    assert leaders.check().state == "ok"
    monkeypatch.setattr(leaders, "forbidden", lambda path: True)
    assert leaders.check().state == "broken"
    assert leaders.check().cure.startswith("sudo ")


def test_udev_rules(tmp_path: Path) -> None:
    assert doctor_checks.udev_rules((tmp_path,)).cure == INSTALL
    (tmp_path / RULES.name).write_bytes(RULES.read_bytes())
    assert doctor_checks.udev_rules((tmp_path,)).state == "ok"
    (tmp_path / RULES.name).write_text("old")
    assert "older" in doctor_checks.udev_rules((tmp_path,)).words


def test_openxr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XR_RUNTIME_JSON", raising=False)
    file = tmp_path / "active_runtime.json"
    assert headset.check((file,)).state == "optional"
    file.write_text("{")
    assert headset.check((file,)).state == "broken"
    assert str(file) in headset.check((file,)).words
    file.write_text('{"runtime": {"name": "Monado", "library_path": "/nowhere/libmonado.so"}}')
    monkeypatch.setenv("XR_RUNTIME_JSON", str(file))
    found = headset.check((file,))
    assert found.state == "optional"  # the real check, in a separate process
    assert "does not answer" in found.words
    assert "Monado" in found.words


def test_an_unsuitable_screen_is_reported_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor_checks.screen_remark(24, 1280, 800) is None
    words, fix = doctor_checks.screen_remark(16, 1280, 800) or ("", "")
    assert "16 bits" in words
    assert "24" in fix
    words, fix = doctor_checks.screen_remark(24, 853, 480) or ("", "")
    assert "853x480" in words
    assert "scaling" in fix
    assert (SMALLEST.width(), SMALLEST.height()) == doctor_checks.SMALLEST
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    assert doctor_checks.screen().state == "optional"
    assert "over the network" in doctor_checks.screen().words


def test_a_real_screen_of_16_bits_is_reported() -> None:
    with VirtualScreen(1280, 800, depth=16):
        found = doctor_checks.window()
    assert (found.state, "16 bits" in found.words) == ("optional", True), found
