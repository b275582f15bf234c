"""Finding, opening, losing and finding again; two pucks at once. Everything above libhidapi is real."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import easyhid.easyhid
import numpy as np
import pytest

import devices
from benchmarks.emulated.pucks import COMPACT, NAVIGATOR, RECEIVER, WIRELESS, Plugged, Rig, moved
from core.errors import DeviceLost, MissingPackage
from core.reading import Device
from devices.discovery import Discovered
from devices.spacemouse.driver import SpaceMouse, SpaceMouseDriver, model_words
from devices.spacemouse.library import specs
from devices.udev import RULES
from tests.contracts.device_contract import DeviceContract
from tests.devices.spacemouse.newest import reading
from tests.devices.virtual import until

FORWARD, BACK = moved(y=-350), moved(y=350)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("device spacemouse")]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow test machine is not a sleeping puck."""
    monkeypatch.setattr("devices.spacemouse.puck.SILENCE", 600.0)


class TestSpaceMouse(DeviceContract):
    @pytest.fixture
    def device(self, rig: Rig, patient: None) -> Iterator[Device]:
        self.plugged = rig.plug(0, "1-2")
        device = rig.driver.device(rig.driver.find()[0])
        device.connect()
        yield device
        device.disconnect()
        assert rig.hidapi.handles == 0

    def move(self, device: Device) -> None:
        self.plugged.say(FORWARD)
        assert isinstance(device, SpaceMouse)
        until(lambda: reading(device).left.linear.any())


class TestFind:
    def test_nothing_is_plugged_in(self, rig: Rig) -> None:
        assert rig.driver.find() == []

    def test_by_socket_with_words(self, rig: Rig) -> None:
        rig.plug(5, "1-2")
        rig.plug(4, "1-10.4", NAVIGATOR)
        assert rig.driver.find() == [
            Discovered("spacemouse", "usb-0000:00:14.0-10.4:1.0", "SpaceNavigator (USB 1-10.4)", 1),
            Discovered("spacemouse", "usb-0000:00:14.0-2:1.0", "SpaceMouse Compact (USB 1-2)", 1),
        ]
        assert not any(one.opened for one in rig.hidapi.plugged)

    def test_the_key_outlives_a_replug_and_a_restart(self, rig: Rig) -> None:
        plugged = rig.plug(0, "1-2")
        before = rig.driver.find()
        rig.hidapi.unplug(plugged)
        rig.plug(7, "2-2")  # another hidraw number, and the bus was numbered later
        assert [one.key for one in rig.driver.find()] == [one.key for one in before]

    def test_only_the_interface_that_moves(self, rig: Rig) -> None:
        for number, usage in enumerate([(1, 6), (1, 2), (1, 8), (0xFF00, 1), (12, 1)]):
            rig.plug(number, "1-3", RECEIVER, interface=number, usage=usage)
        (found,) = rig.driver.find()
        assert found.key.endswith("-3:1.2")
        assert found.words == "Universal Receiver (USB 1-3)"

    def test_two_pucks_behind_one_receiver_are_two(self, rig: Rig) -> None:
        rig.plug(0, "1-3", RECEIVER, interface=0)
        rig.plug(1, "1-3", RECEIVER, interface=1)
        assert [one.words for one in rig.driver.find()] == [
            "Universal Receiver (USB 1-3, interface 0)",
            "Universal Receiver (USB 1-3, interface 1)",
        ]

    def test_an_interface_that_is_listed_once_per_usage_counts_once(self, rig: Rig) -> None:
        rig.plug(0, "1-3")
        rig.plug(0, "1-3", usage=(1, 0x80))
        rig.plug(0, "1-3", usage=(1, 8))
        assert len(rig.driver.find()) == 1

    def test_other_hardware_of_the_same_makers_is_left_alone(self, rig: Rig) -> None:
        rig.plug(0, "1-1", (0x046D, 0xC31C), usage=(1, 6))  # a keyboard of Logitech
        rig.plug(1, "1-4", (0x256F, 0xC650), usage=(1, 2))  # a CadMouse of 3Dconnexion
        assert rig.driver.find() == []
        assert rig.driver.unusable == ()

    def test_a_puck_of_an_unknown_model_is_named_until_it_is_unplugged(self, rig: Rig) -> None:
        rig.plug(0, "1-2")
        traveler = rig.plug(1, "1-3", (0x046D, 0xC623))
        assert [one.words for one in rig.driver.find()] == ["SpaceMouse Compact (USB 1-2)"]
        (words,) = rig.driver.unusable
        assert "046d:c623" in words
        assert "docs/devices.md" in words
        rig.hidapi.unplug(traveler)
        rig.driver.find()
        assert rig.driver.unusable == ()

    def test_a_libhidapi_that_knows_no_usages(self, rig: Rig) -> None:
        rig.plug(0, "1-2", usage=(0, 0))
        rig.plug(1, "1-3", usage=(0, 0), interface=1)
        node = (rig.sysfs / "class/hidraw/hidraw0/device").resolve()
        (node / "report_descriptor").write_bytes(bytes([0x05, 0x01, 0x09, 0x08, 0xA1, 0x01]))
        assert [one.words for one in rig.driver.find()] == ["SpaceMouse Compact (USB 1-2)"]

    def test_over_bluetooth_the_address_is_the_place(self, rig: Rig) -> None:
        node = rig.sysfs / "devices/virtual/misc/uhid/0005:256F:C63A.0009"
        rig.link(2, node)
        (node / "uevent").write_text("DRIVER=hid-generic\nHID_ID=0005:0000256F:0000C63A\nHID_UNIQ=c4:01:02:03:04:05\n")
        rig.hidapi.plug("/dev/hidraw2", (0x256F, 0xC63A))
        (found,) = rig.driver.find()
        assert found.key == "bluetooth-c4:01:02:03:04:05"
        assert found.words == "SpaceMouse Wireless New (Bluetooth c4:01:02:03:04:05)"

    @pytest.mark.parametrize("path", [r"\\?\HID#VID_256F&PID_C635#7&1a2b&0&0000#{4d1e55b2}", "DevSrvsID:4294970222"])
    def test_elsewhere_the_path_is_the_key(self, rig: Rig, path: str) -> None:
        rig.hidapi.plug(path, COMPACT)
        (found,) = rig.driver.find()
        assert found.key == path
        device = rig.driver.device(found)
        device.connect()  # pyspacemouse's own open_by_path wants a file of that name
        assert device.connected
        device.disconnect()

    def test_models_that_pyspacemouse_does_not_list(self, rig: Rig) -> None:
        rig.plug(0, "1-1", (0x256F, 0xC62F))
        rig.plug(1, "1-2", (0x256F, 0xC631))
        rig.plug(2, "1-3", (0x256F, 0xC636))
        rig.plug(3, "1-4", (0x046D, 0xC628))
        assert [one.words for one in rig.driver.find()] == [
            "SpaceMouse Wireless Receiver (USB 1-1)",
            "SpaceMouse Pro Wireless Cable (USB 1-2)",
            "SpaceMouse Module (USB 1-3)",
            "SpaceNavigator For Notebooks (USB 1-4)",
        ]

    @pytest.mark.parametrize(
        ("name", "words"),
        [("SpaceMouseUSB", "SpaceMouse USB"), ("SpacePilotPro", "SpacePilot Pro"), ("SpaceExplorer", "SpaceExplorer")],
    )
    def test_names_for_people(self, name: str, words: str) -> None:
        assert model_words(name) == words

    def test_it_is_registered(self) -> None:
        assert devices.drivers().load("spacemouse") is SpaceMouseDriver


class TestTwoPucks:
    @pytest.fixture
    def pair(self, rig: Rig, patient: None) -> Iterator[tuple[SpaceMouse, SpaceMouse, Plugged, Plugged]]:
        plugged = rig.plug(0, "1-1"), rig.plug(1, "1-2")
        left, right = (rig.driver.device(one) for one in rig.driver.find())
        assert isinstance(left, SpaceMouse)
        assert isinstance(right, SpaceMouse)
        left.connect()
        right.connect()
        yield left, right, *plugged
        left.disconnect()
        right.disconnect()

    def test_each_has_its_own_hand(self, pair: tuple[SpaceMouse, SpaceMouse, Plugged, Plugged]) -> None:
        left, right, plugged_left, plugged_right = pair
        assert left.name != right.name
        plugged_left.say(FORWARD)
        plugged_right.say(BACK, bytes([3, 1, 0]))
        until(lambda: reading(left).left.linear.any() and reading(right).presses["left"])
        assert np.array_equal(reading(left).left.linear, [1, 0, 0])
        assert np.array_equal(reading(right).left.linear, [-1, 0, 0])
        assert reading(left).presses["left"] == 0
        assert reading(left).right is None
        assert (plugged_left.opened, plugged_right.opened) == (1, 1)

    def test_one_is_pulled_in_mid_motion_and_the_other_goes_on(
        self, rig: Rig, pair: tuple[SpaceMouse, SpaceMouse, Plugged, Plugged]
    ) -> None:
        left, right, plugged_left, plugged_right = pair
        plugged_left.say(FORWARD)
        plugged_right.say(BACK)
        until(lambda: reading(left).left.linear.any() and reading(right).left.linear.any())
        rig.hidapi.unplug(plugged_left)
        until(lambda: not left.connected)
        assert left.read() is None
        assert "SpaceMouse Compact (USB 1-1) was unplugged" in left.why
        assert np.array_equal(reading(right).left.linear, [-1, 0, 0])
        until(lambda: rig.hidapi.handles == 1)
        with pytest.raises(DeviceLost, match=r"\(USB 1-1\) is not plugged in"):
            left.connect()

    def test_swapped_numbers_after_a_replug_do_not_swap_the_hands(
        self, rig: Rig, pair: tuple[SpaceMouse, SpaceMouse, Plugged, Plugged]
    ) -> None:
        left, right, *plugged = pair
        epochs = reading(left).epoch, reading(right).epoch
        for one in plugged:
            rig.hidapi.unplug(one)
        until(lambda: not left.connected and not right.connected)
        right_again, left_again = rig.plug(0, "1-2"), rig.plug(1, "1-1")
        left.connect()
        right.connect()
        assert not reading(left).left.linear.any()
        assert (reading(left).epoch, reading(right).epoch) == (epochs[0] + 1, epochs[1] + 1)
        left_again.say(FORWARD)
        right_again.say(BACK)
        until(lambda: reading(left).left.linear.any() and reading(right).left.linear.any())
        assert reading(left).left.linear[0] == 1
        assert reading(right).left.linear[0] == -1


def test_a_puck_that_sleeps_in_mid_motion_stops_by_itself(rig: Rig) -> None:
    plugged = rig.plug(0, "1-2", WIRELESS)
    device = rig.driver.device(rig.driver.find()[0])
    assert isinstance(device, SpaceMouse)
    device.connect()
    seen: list[float] = []

    def moves() -> bool:
        plugged.say(FORWARD)  # as a real puck repeats itself
        seen.append(reading(device).left.linear[0])
        return seen[-1] == 1.0

    until(moves)
    until(lambda: not reading(device).left.linear.any())
    assert device.connected, "it is still there"
    device.disconnect()


def test_the_light_stays_as_asked_over_a_replug(rig: Rig) -> None:
    plugged = rig.plug(0, "1-2")
    device = rig.driver.device(rig.driver.find()[0])
    assert isinstance(device, SpaceMouse)
    device.light(True)
    device.connect()
    until(lambda: plugged.written == [bytes([4, 1])])
    rig.hidapi.unplug(plugged)
    until(lambda: not device.connected)
    again = rig.plug(1, "1-2")
    device.connect()
    until(lambda: again.written == [bytes([4, 1])])
    device.disconnect()
    assert again.written[-1] == bytes([4, 0])


class TestRefusals:
    def test_wrong_permissions_name_the_command(
        self, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "hidraw0"
        path.touch()
        rig.hidapi.plug(str(path), COMPACT).locked = True
        device = rig.driver.device(rig.driver.find()[0])
        monkeypatch.setattr("devices.udev.os.access", lambda *_: False)  # root may open everything
        with pytest.raises(DeviceLost, match=r"may not be opened.*sudo cp \S+70-hi-wm-studio\.rules .*udevadm trigger"):
            device.connect()
        assert not device.connected

    def test_held_by_another_program(self, rig: Rig) -> None:
        rig.plug(0, "1-2").locked = True
        device = rig.driver.device(rig.driver.find()[0])
        with pytest.raises(DeviceLost, match="Close other programs"):
            device.connect()

    @pytest.mark.parametrize(
        ("system", "line"),
        [("Linux", "apt install libhidapi-hidraw0"), ("Windows", r"hidapi\.dll"), ("Darwin", "brew install hidapi")],
    )
    def test_no_libhidapi(self, rig: Rig, monkeypatch: pytest.MonkeyPatch, system: str, line: str) -> None:
        rig.plug(0, "1-2")
        (found,) = rig.driver.find()
        monkeypatch.setattr("platform.system", lambda: system)
        monkeypatch.setattr(easyhid.easyhid, "hidapi", easyhid.easyhid.ffi.dlopen(None))  # what easyhid falls back to
        with pytest.raises(MissingPackage, match=line):
            rig.driver.find()
        with pytest.raises(DeviceLost, match=line):
            rig.driver.device(found).connect()

    def test_no_pyspacemouse(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("devices.spacemouse.library.specs", specs.__wrapped__)
        monkeypatch.setitem(sys.modules, "pyspacemouse", None)
        with pytest.raises(MissingPackage, match=r"'pyspacemouse'.*make env"):
            rig.driver.find()


@pytest.mark.parametrize("system", ["Linux", "Windows"])
def test_a_fresh_program_without_libhidapi(system: str) -> None:
    """The import itself, in a separate process: on Linux it succeeds and calls fail, on Windows it fails."""
    program = f"""
import cffi, ctypes.util, platform
real = cffi.FFI.dlopen
def dlopen(ffi, name, flags=0):
    if name is None and {system != "Windows"}:
        return real(ffi, None)
    raise OSError("cannot load library " + str(name))
cffi.FFI.dlopen = dlopen
ctypes.util.find_library = lambda name: None
platform.platform = lambda: {system!r}
platform.system = lambda: {system!r}
import sys
from devices import drivers
driver = drivers().load("spacemouse")()
assert "pyspacemouse" not in sys.modules and "easyhid" not in sys.modules
from core.errors import MissingPackage
for attempt in range(2):
    try:
        driver.find()
    except MissingPackage as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == 2
    assert all(("libhidapi-hidraw0" if system == "Linux" else "hidapi.dll") in line for line in said)


def test_the_real_libhidapi_lists_without_trouble() -> None:
    try:
        found = SpaceMouseDriver().find()
    except MissingPackage as missing:
        pytest.skip(str(missing))
    assert all(one.driver == "spacemouse" and one.hands == 1 for one in found)


def test_the_rules_cover_every_model_and_no_keyboard() -> None:
    text = RULES.read_text()
    rules = re.findall(
        r'^SUBSYSTEM=="hidraw", ATTRS\{idVendor\}=="(\w+)", ATTRS\{idProduct\}=="(.+)", TAG\+="uaccess"$', text, re.M
    )

    def covered(vendor: int, product: int) -> bool:
        return any(
            f"{vendor:04x}" == rule_vendor and any(fnmatch(f"{product:04x}", one) for one in products.split("|"))
            for rule_vendor, products in rules
        )

    assert [ids for ids in specs() if not covered(*ids)] == []
    assert not covered(0x046D, 0xC31C)
    assert not covered(0x256F, 0xC664)


def test_every_rule_is_one_that_udev_reads() -> None:
    token = r'(SUBSYSTEM|DRIVER|KERNELS|ATTRS\{\w+\})=="[^"]+"|TAG\+="uaccess"|(ENV|ATTR)\{\w+\}="1"'
    for line in RULES.read_text().splitlines():
        assert not line or line.startswith("#") or all(re.fullmatch(token, one) for one in line.split(", ")), line
    assert RULES.name < "73", "uaccess is read by 73-seat-late.rules"
