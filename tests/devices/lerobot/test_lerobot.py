"""Objects with LeRobot's contract, as LeRobot's own classes and plug-ins have it; LeRobot is not installed here."""

import enum
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from core.errors import BadConfig, DeviceLost, MissingPackage
from core.reading import Device
from core.verbs import Phase
from devices.discovery import Discovered
from devices.leader.kinematics import Kinematics
from devices.leader.table import arm_table
from devices.lerobot import driver as lerobot_module
from devices.lerobot.action_keys import action_keys, plan, radians
from devices.lerobot.driver import LeRobotTeleoperators, TeleoperatorConfig, load_configs, teleoperator_device
from devices.verb_bindings import bindings_with, verbs_pressed
from tests.contracts.device_contract import DeviceContract
from tests.devices.test_reader import until

SO101 = arm_table("so101")
JOINTS = [joint.name for joint in SO101.joints]


@dataclass
class LeaderConfig:
    port: str
    id: str = "one"


class Leader:
    """As LeRobot's SO101Leader: made of a configuration, connect asks questions unless told not to."""

    config_class = LeaderConfig
    made: ClassVar[list["Leader"]] = []
    keys: ClassVar[tuple[str, ...]] = tuple(f"{name}.pos" for name in (*JOINTS, "gripper"))
    at_rest: ClassVar[float] = 0.0

    def __init__(self, config: LeaderConfig) -> None:
        self.config, self.is_calibrated = config, True
        self.action: dict[str, Any] = dict.fromkeys(self.keys, self.at_rest)
        self.error: Exception | None = None
        self.connected = 0
        type(self).made.append(self)

    @property
    def action_features(self) -> dict[str, Any]:
        return dict.fromkeys(self.keys, float)

    def connect(self, calibrate: bool = True) -> None:
        assert not calibrate, "a question on a terminal"
        if self.error is not None:
            raise self.error
        self.connected += 1

    def get_action(self) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return dict(self.action)

    def disconnect(self) -> None:
        self.connected -= 1
        if self.error is not None:
            raise self.error


class Bimanual(Leader):
    made: ClassVar[list[Leader]] = []
    keys = tuple(f"{side}_{name}.pos" for side in ("left", "right") for name in (*JOINTS, "gripper"))


class EndEffector(Leader):
    made: ClassVar[list[Leader]] = []
    keys = ("ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz", "ee.gripper_pos")


class Gamepad(Leader):
    made: ClassVar[list[Leader]] = []
    keys = ("delta_x", "delta_y", "delta_z", "gripper")

    @property
    def action_features(self) -> dict[str, Any]:
        return {"dtype": "float32", "shape": (4,), "names": {key: at for at, key in enumerate(self.keys)}}


class TeleopEvents(enum.Enum):
    """As LeRobot's."""

    SUCCESS = "success"
    FAILURE = "failure"
    RERECORD_EPISODE = "rerecord_episode"
    IS_INTERVENTION = "is_intervention"
    TERMINATE_EPISODE = "terminate_episode"


class HilGamepad(Gamepad):
    """With LeRobot's second contract, as its gamepad has it."""

    made: ClassVar[list[Leader]] = []

    def __init__(self, config: LeaderConfig) -> None:
        super().__init__(config)
        self.events: dict[Any, Any] = dict.fromkeys(TeleopEvents, False)

    def get_teleop_events(self) -> dict[Any, Any]:
        if self.events is None:
            raise RuntimeError("no events")
        return self.events


class PlugIn:
    """A plug-in without a configuration class."""

    def __init__(self, port: str) -> None:
        self.port = port

    action_features: ClassVar[dict[str, Any]] = {"ee.x": float, "ee.y": float, "ee.z": float}

    def connect(self) -> None:
        return

    def get_action(self) -> dict[str, float]:
        return {"ee.x": 0.3, "ee.y": 0.0, "ee.z": 0.1}

    def disconnect(self) -> None:
        return


class NotOne:
    def connect(self) -> None:
        return


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that configurations name."""
    made = types.ModuleType("their_plug_in")
    for kind in (Leader, Bimanual, EndEffector, Gamepad, HilGamepad, PlugIn, NotOne):
        setattr(made, kind.__name__, kind)
    monkeypatch.setitem(sys.modules, "their_plug_in", made)


def config(kind: type, arm: str = "", **more: Any) -> TeleoperatorConfig:
    return TeleoperatorConfig(f"their_plug_in:{kind.__name__}", arm, arguments={"port": "/dev/ttyACM0"}, **more)


class TeleoperatorContract(DeviceContract):
    kind: type[Leader]
    arm = ""
    moves: ClassVar[dict[str, float]]

    @pytest.fixture
    def device(self) -> Iterator[Device]:
        self.kind.made.clear()
        device = teleoperator_device("lerobot:one", config(self.kind, self.arm))
        (self.their,) = self.kind.made
        if "gripper" in self.their.keys:
            self.their.action["gripper"] = 1.0  # stay
        device.connect()
        yield device
        self.their.error = None
        device.disconnect()

    def move(self, device: Device) -> None:
        before = self.reading(device)
        self.their.action |= self.moves
        until(lambda: device.read().time > before.time + 2 * lerobot_module.PERIOD)

    def test_its_failure_is_a_loss(self, device: Device) -> None:
        self.their.error = ConnectionError("There is no status packet!")
        until(lambda: not device.connected)
        assert device.read() is None
        assert "There is no status packet!" in device.why

    def test_a_number_that_is_none_loses_the_hand(self, device: Device) -> None:
        self.their.action[self.kind.keys[0]] = float("nan")
        until(lambda: not device.read().left.valid)

    def test_a_key_that_is_gone_is_a_loss(self, device: Device) -> None:
        del self.their.action[self.kind.keys[0]]
        until(lambda: not device.connected)
        assert self.kind.keys[0] in device.why


class TestJoints(TeleoperatorContract):
    kind, arm, moves = Leader, "so101", {"shoulder_pan.pos": 10.0}

    def test_degrees_become_a_pose(self, device: Device) -> None:
        self.their.action |= {"shoulder_lift.pos": 20.0, "gripper.pos": 25.0}
        wanted, _ = Kinematics(SO101).pose(np.array([0, np.deg2rad(20), 0, 0, 0]))
        until(lambda: np.allclose(device.read().left.position, wanted))
        assert device.read().left.gripper == 0.25
        assert device.read().right is None


class TestTwoHands(TeleoperatorContract):
    kind, arm, moves = Bimanual, "so101", {"left_shoulder_pan.pos": 10.0}

    def test_the_right_hand_is_the_right_hand(self, device: Device) -> None:
        self.their.action |= {"right_gripper.pos": 100.0}
        until(lambda: device.read().right.gripper == 1.0)
        assert device.read().left.gripper == 0.0


class TestEndEffector(TeleoperatorContract):
    kind, moves = EndEffector, {"ee.x": 0.05, "ee.wz": 0.1}

    def test_it_is_a_position_device(self, device: Device) -> None:
        self.their.action |= {"ee.wz": 0.5, "ee.gripper_pos": 50.0}
        until(lambda: device.read().left.gripper == 0.5)
        assert device.kind == "position"
        assert np.allclose(device.read().left.orientation, [0, 0, np.sin(0.25), np.cos(0.25)])


class TestDeltas(TeleoperatorContract):
    kind, moves = Gamepad, {"delta_x": 0.5}

    def test_it_is_a_rate_device_and_its_gripper_opens_and_closes(self, device: Device) -> None:
        assert device.kind == "rate"
        for given, rate in ((2.0, 1.0), (0.0, -1.0), (1.0, 0.0)):
            self.their.action |= {"gripper": given, "delta_y": 3.0}
            until(lambda rate=rate: device.read().left.gripper_rate == rate and device.read().left.linear[1] == 1.0)


class TestEvents(TestDeltas):
    kind = HilGamepad

    def verbs(self, device: Device, events: dict[Any, Any], phase: Phase) -> tuple[str, ...]:
        """The verbs of the usual bindings that a change of what holds carries out, as the application asks for them."""
        before = {f"lerobot:one/{name}": count for name, count in self.reading(device).presses.items()}
        seen = self.reading(device).time
        self.their.events = events
        until(lambda: device.read().time > seen + 2 * lerobot_module.PERIOD)
        now = {f"lerobot:one/{name}": count for name, count in self.reading(device).presses.items()}
        return verbs_pressed(before, now, bindings_with(), phase)

    def test_every_event_of_lerobot_is_a_verb_of_the_session(self, device: Device) -> None:
        assert self.verbs(device, {TeleopEvents.IS_INTERVENTION: True}, "AUTONOMOUS") == ("take_over",)
        assert self.verbs(device, {TeleopEvents.IS_INTERVENTION: True}, "CORRECTING") == (), "it is held, not pressed"
        assert self.verbs(device, {}, "CORRECTING") == ("hand_back",)
        assert self.verbs(device, {TeleopEvents.FAILURE: True}, "CORRECTING") == ("mark_failure",)
        done = {TeleopEvents.SUCCESS: True, TeleopEvents.TERMINATE_EPISODE: True}
        assert self.verbs(device, done, "CORRECTING") == ("pause", "mark_success")
        assert self.verbs(device, {"rerecord_episode": True}, "PAUSED") == ("discard",), "by its value, too"

    def test_what_holds_when_it_is_plugged_in_was_not_pressed(self, device: Device) -> None:
        device.disconnect()
        self.their.events = {TeleopEvents.IS_INTERVENTION: True}
        device.connect()
        assert not any(self.reading(device).presses.values())

    def test_events_that_fail_are_a_loss(self, device: Device) -> None:
        self.their.events = None
        until(lambda: not device.connected)
        assert "no events" in device.why


# Loading


def test_a_plug_in_gets_its_arguments_itself() -> None:
    device = teleoperator_device("lerobot:plug", config(PlugIn))
    device.connect()
    reading = device.read()
    assert np.allclose(reading.left.position, [0.3, 0, 0.1])
    assert reading.left.orientation is None
    assert reading.left.gripper is None
    device.disconnect()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (TeleoperatorConfig("their_plug_in.Leader"), BadConfig, "module:Class"),
        (TeleoperatorConfig("their_plug_in:Lieder"), BadConfig, "no 'Lieder'"),
        (TeleoperatorConfig("lerobot.teleoperators.so_leader:SO101Leader"), MissingPackage, "the package 'lerobot"),
        (TeleoperatorConfig("their_plug_in:NotOne"), BadConfig, "no action_features, get_action, disconnect"),
        (TeleoperatorConfig("their_plug_in:Leader", arguments={"prot": 1}), BadConfig, "Arguments given: prot"),
        (config(Leader), BadConfig, r"gives joints .*so name its arm"),
        (config(Leader, "wx250s"), BadConfig, r"WidowX 250 S.*has waist\.pos"),
    ],
)  # fmt: skip
def test_a_teleoperator_that_cannot_be_loaded_is_reported_with_the_reason(
    given: TeleoperatorConfig, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        teleoperator_device("lerobot:one", given)


def test_an_import_that_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_plug_in.py").write_text("raise RuntimeError('no CUDA')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BadConfig, match="does not load: no CUDA"):
        teleoperator_device("lerobot:one", TeleoperatorConfig("broken_plug_in:Leader"))


def test_keys_that_mean_nothing() -> None:
    with pytest.raises(BadConfig, match=r"nothing about a hand: enabled"):
        plan({"enabled": bool}, None)
    assert action_keys({"names": ["a", "b"], "dtype": "float32"}) == ("a", "b")


def test_connecting_fails_in_words() -> None:
    Leader.made.clear()
    device = teleoperator_device("lerobot:one", config(Leader, "so101"))
    Leader.made[0].error = OSError("no such port")
    with pytest.raises(DeviceLost, match=r"did not connect: no such port"):
        device.connect()
    Leader.made[0].error = None
    Leader.made[0].is_calibrated = False
    with pytest.raises(DeviceLost, match=r"not calibrated.*lerobot-calibrate"):
        device.connect()
    assert Leader.made[0].connected == 0


def test_units() -> None:
    assert np.allclose(radians(np.full(5, 90.0), SO101, "degrees"), np.pi / 2)
    assert np.allclose(radians(np.full(5, 1.0), SO101, "radians"), 1.0)
    assert np.allclose(radians(np.full(5, 100.0), SO101, "normalised"), [joint.high for joint in SO101.joints])
    assert np.allclose(radians(np.full(5, -100.0), SO101, "normalised"), [joint.low for joint in SO101.joints])
    gello = arm_table("gello_ur5e")
    assert np.allclose(radians(np.zeros(6), gello, "degrees"), [joint.pose for joint in gello.joints])


# The operator's file


def test_the_file_names_them(tmp_path: Path) -> None:
    (tmp_path / "teleoperators.toml").write_text(
        '[left]\nload = "their_plug_in:Leader"\narm = "so101"\n[left.arguments]\nport = "/dev/ttyACM3"\n'
        '[pad]\nload = "their_plug_in:Gamepad"\narguments = {port = "js0"}\n'
    )
    driver = LeRobotTeleoperators(tmp_path)
    assert driver.find() == [
        Discovered("lerobot", "left", "left (their_plug_in:Leader)", 2),
        Discovered("lerobot", "pad", "pad (their_plug_in:Gamepad)", 2),
    ]
    Leader.made.clear()
    device = driver.device(driver.find()[0])
    assert device.name == "lerobot:left"
    assert Leader.made[0].config == LeaderConfig("/dev/ttyACM3")
    with pytest.raises(BadConfig, match="names no teleoperator 'gone'"):
        driver.device(Discovered("lerobot", "gone", "", 2))
    assert LeRobotTeleoperators(tmp_path / "none").find() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "cannot be read"),
        ("left = 3", "needs load"),
        ("[left]\narm = 'so101'", "needs load"),
        ("[left]\nload = 'a:B'\nprot = 1", "left.prot"),
        ("[left]\nload = 'a:B'\nunits = 'turns'", "left.units"),
    ],
)
def test_a_torn_file_is_reported_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "t.toml").write_text(text)
    with pytest.raises(BadConfig, match=words):
        load_configs(tmp_path / "t.toml")
