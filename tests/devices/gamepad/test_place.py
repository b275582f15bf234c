from pathlib import Path

import pytest

from devices.gamepad.pads import Present
from devices.gamepad.place import stable


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A piece of /sys: a pad with a cable, one without, one that is read as raw HID."""
    for event, physical, unique in (
        ("event5", "usb-0000:00:14.0-2/input0", ""),
        ("event6", "a0:b1:c2:d3:e4:f5", "01:23:45:67:89:ab"),
    ):
        folder = tmp_path / "class" / "input" / event / "device"
        folder.mkdir(parents=True)
        (folder / "phys").write_text(physical + "\n")
        (folder / "uniq").write_text(unique + "\n")
    raw = tmp_path / "class" / "hidraw" / "hidraw3" / "device"
    raw.mkdir(parents=True)
    (raw / "uevent").write_text("DRIVER=hid\nHID_NAME=Pad\nHID_PHYS=usb-0000:00:14.0-7/input3\nHID_UNIQ=\n")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "serial", "place"),
    [
        ("/dev/input/event5", "", "usb-0000:00:14.0-2"),
        ("/dev/input/event6", "", "01:23:45:67:89:ab"),
        ("/dev/hidraw3", "4711", "usb-0000:00:14.0-7"),
        ("/dev/input/event9", "4711", "4711"),
        ("/dev/input/event9", "", ""),
        ("", "4711", "4711"),
        ("", "", ""),
    ],
)
def test_the_port_stays_whatever_number_linux_gives(system: Path, path: str, serial: str, place: str) -> None:
    assert stable(path, serial, system) == place


def test_a_free_number_comes_back() -> None:
    present = Present()
    assert present._key("guid", "usb-1") == "guid@usb-1"
    assert present._key("guid", "") == "guid"
