"""Discovered by a place that stays; every refusal says what to do."""

import os
import types
from pathlib import Path

import pytest

from core.errors import BadConfig, DeviceLost, MissingPackage
from core.folders import config_folder
from devices import drivers, udev
from devices.leader import driver as driver_module
from devices.leader import ports as ports_module
from devices.leader.driver import Dynamixel, So101
from devices.leader.ports import SerialPort, open_trouble, path_of, serial_ports
from devices.leader.settings import PortSettings, calibration_file, load_leaders, save_leader


def comport(device: Path, vid: int | None = 0x1A86, serial_number: str | None = None) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        device=str(device),
        vid=vid,
        serial_number=serial_number,
        hwid=f"USB VID:PID={vid or 0:04X}:55D3 LOCATION={device.name}",
        product="USB Single Serial",
        description="n/a",
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A /dev with two adaptors: one has a serial number, the other only a place."""
    for name in ("ttyACM0", "ttyACM1", "ttyS0"):
        (tmp_path / name).touch()
    for folder, link, target in (
        ("by-id", "usb-1a86_USB_Single_Serial_58FA-if00", "ttyACM0"),
        ("by-path", "pci-0:14.0-usb-0:1:1.0", "ttyACM0"),
        ("by-id", "usb-1a86_USB_Serial-if00-port0", "ttyACM1"),
        ("by-path", "pci-0:14.0-usb-0:2:1.0", "ttyACM1"),
    ):
        (tmp_path / "serial" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "serial" / folder / link).symlink_to(tmp_path / target)
    return tmp_path


def test_ports_have_keys_that_stay(machine: Path) -> None:
    def comports() -> list[types.SimpleNamespace]:
        return [
            comport(machine / "ttyACM1"),
            comport(machine / "ttyACM0", serial_number="58FA"),
            comport(machine / "ttyS0", vid=None),
        ]

    by_id, by_path = serial_ports(comports, machine / "serial")
    assert by_id.key.endswith("by-id/usb-1a86_USB_Single_Serial_58FA-if00")
    assert by_path.key.endswith("by-path/pci-0:14.0-usb-0:2:1.0")  # without a serial number by-id links collide
    assert by_id.path == str(machine / "ttyACM0")
    assert "USB Single Serial" in by_id.words


def test_without_links_the_hardware_id_is_the_key(machine: Path) -> None:
    (port,) = serial_ports(lambda: [comport(machine / "COM7")], machine / "nowhere")
    assert port.key == "USB VID:PID=1A86:55D3 LOCATION=COM7"
    assert path_of(port.key, lambda: [port]) == str(machine / "COM7")
    with pytest.raises(DeviceLost, match=r"No serial port at .*connects by itself"):
        path_of(port.key, list)


def test_the_real_list_of_ports_is_read() -> None:
    assert isinstance(serial_ports(), list)


def test_no_permission_names_the_group_and_the_rule(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports_module.os, "access", lambda *_: False)
    words = open_trouble(str(machine / "ttyACM0"), PermissionError(13, "denied"))
    assert "No permission" in words
    assert "70-hi-wm-studio.rules" in words
    assert "udevadm" in words
    group = types.SimpleNamespace(getgrgid=lambda _: types.SimpleNamespace(gr_name="dialout"))
    monkeypatch.setattr(ports_module.importlib, "import_module", lambda _: group)
    os.chmod(machine / "ttyACM0", 0o660)
    assert "sudo usermod -aG dialout $USER" in open_trouble(str(machine / "ttyACM0"), PermissionError(13, "denied"))
    assert udev.RULES.exists()


def test_other_troubles(machine: Path) -> None:
    assert "no serial port" in open_trouble(str(machine / "gone"), OSError(2, "none"))
    assert "Another program" in open_trouble(str(machine / "ttyACM0"), OSError(11, "Could not exclusively lock port"))
    assert "could not be opened" in open_trouble(str(machine / "ttyACM0"), OSError(5, "I/O error"))


PORTS = [
    SerialPort("a", "/dev/a", "USB Single Serial, /dev/a", 0x1A86),
    SerialPort("b", "/dev/b", "U2D2, /dev/b", 0x0403),
    SerialPort("c", "/dev/c", "Modem, /dev/c", 0x1234),
]


def test_adaptors_are_found_and_settings_decide(tmp_path: Path) -> None:
    so101, dynamixel = So101(tmp_path, lambda: PORTS), Dynamixel(tmp_path, lambda: PORTS)
    assert [found.key for found in so101.find()] == ["a"]
    assert [found.key for found in dynamixel.find()] == ["a", "b"]  # such boards carry both kinds of motor
    save_leader(tmp_path, "a", PortSettings("so100"))
    save_leader(tmp_path, "c", PortSettings("wx250s"))
    assert [found.key for found in so101.find()] == ["a"]
    assert [(found.key, found.words) for found in dynamixel.find()] == [
        ("b", "Koch v1.1 leader (U2D2, /dev/b)"),
        ("c", "WidowX 250 S, the ALOHA leader (Modem, /dev/c)"),
    ]
    assert all(found.hands == 1 and found.driver == "dynamixel" for found in dynamixel.find())


def test_settings_come_back(tmp_path: Path) -> None:
    settings = PortSettings("koch", tmp_path / "left.json", ("elbow_flex",), "motion")
    save_leader(tmp_path / "new", "/dev/serial/by-id/x", settings)
    save_leader(tmp_path / "new", "y", PortSettings("so101"))
    assert load_leaders(tmp_path / "new").ports == {"/dev/serial/by-id/x": settings, "y": PortSettings("so101")}
    assert load_leaders(tmp_path / "none").ports == {}
    (tmp_path / "new" / "leaders.toml").write_text("[ports.y]\narm = 3")
    with pytest.raises(BadConfig, match=r"ports\.y\.arm"):
        load_leaders(tmp_path / "new")


def test_calibrations_have_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = calibration_file(tmp_path, "/dev/serial/by-path/pci-0:14.0-usb-0:2:1.0", "so101")
    assert file == tmp_path / "calibration" / "so101" / "pci-0_14.0-usb-0_2_1.0.json"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_folder() == tmp_path / "hi-wm"


def test_a_missing_library_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingPackage, match="feetech-servo-sdk"):
        So101(tmp_path, lambda: PORTS).find()


@pytest.mark.parametrize("name", ["so101", "dynamixel", "lerobot"])
def test_drivers_are_registered(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    driver = drivers().load(name)()
    assert isinstance(driver.find(), list)
