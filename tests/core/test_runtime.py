import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from core import verbs as v
from core.branch_tree import Head
from core.errors import PartFailed
from core.events import Event, Message, Status, Stepped, TreeChanged
from core.reading import DeviceReading
from core.recording import NoSink
from core.runtime import Runtime
from core.session import Session
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.world import ToyWorld
from tests.core.driving import DEVICE, Broken, at, open_session, push
from tests.devices.scripted import Scripted

T = TypeVar("T", bound=Event)
DEADLINE_S = 20.0


class Stage:
    """A running runtime, its events in order, and a hand."""

    def __init__(self, background: bool = False, **options: Any) -> None:
        self.hand = Scripted([push(0.0)], DEVICE, "rate")
        self.hand.connect()
        self.events: queue.Queue[Event] = queue.Queue()
        self.seen: list[Event] = []
        self.session: Session = open_session(**options)
        self.runtime = Runtime(self.session, self.read, self.events.put, background=background)
        self.runtime.submit(v.SetSpeed(4.0))
        self.read_hand: Callable[[], DeviceReading | None] = self.hand.read

    def read(self) -> DeviceReading | None:
        return self.read_hand()

    def submit(self, *verbs: v.Verb) -> None:
        for verb in verbs:
            self.runtime.submit(verb)

    def until(self, kind: type[T], wanted: Callable[[T], bool] = lambda event: True) -> T:
        """The next event of a kind that is wanted; fails with the events so far when none comes."""
        end = time.monotonic() + DEADLINE_S
        while True:
            try:
                event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no such {kind.__name__}; there were {self.seen[-20:]}") from None
            self.seen.append(event)
            if isinstance(event, kind) and wanted(event):
                return event

    def all(self) -> list[Event]:
        """Every event, after the end."""
        while not self.events.empty():
            self.seen.append(self.events.get())
        return self.seen


def broken_hand() -> DeviceReading | None:
    raise OSError("its driver is torn")


@pytest.fixture(params=[False, True], ids=["inline", "background"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage(background=request.param)
    stage.runtime.start()
    yield stage
    stage.runtime.stop()


def test_the_first_events_show_the_tree_and_the_picture(stage: Stage) -> None:
    tree = stage.until(TreeChanged)
    assert tree.head == Head(0, 0)
    status = stage.until(Status)
    assert status.phase == "PAUSED"
    assert status.observation is stage.session.node.observation


def test_verbs_are_answered_in_order_and_steps_are_emitted_one_by_one(stage: Stage) -> None:
    stage.submit(v.Run())
    stage.until(Stepped, lambda e: e.index == 4)
    stage.submit(v.Pause(), v.Mark("failure"), v.RollBack(0, 2), v.Run())
    stage.until(Stepped, lambda e: e.branch == 1 and e.index == 5)
    stage.runtime.stop()
    steps = [e for e in stage.all() if isinstance(e, Stepped)]
    trunk = [e.index for e in steps if e.branch == 0]
    assert trunk == list(range(len(trunk)))
    assert [e.index for e in steps if e.branch == 1][:4] == [2, 3, 4, 5]
    assert steps[0].plan is not None
    trees = [e for e in stage.seen if isinstance(e, TreeChanged)]
    assert any(t.history.undo_label == "failure marker of branch 0" for t in trees)
    assert any(1 in t.tree.branches and t.head == Head(1, 3) for t in trees), "a fork is emitted"


def test_the_hand_drives_and_the_status_shows_it(stage: Stage) -> None:
    stage.hand.put(push(1.0))
    stage.submit(v.TakeOver())
    step = stage.until(Stepped, lambda e: e.index == 5)
    assert step.source == "operator"
    status = stage.until(Status, lambda e: e.driver == "operator")
    assert status.phase == "CORRECTING"
    assert status.clutch == (True, False)
    assert status.device_connected
    assert status.speed == 4.0
    assert status.observation.ee_state[0] > 0.36
    assert status.target is not None
    assert status.target[0] >= status.observation.ee_state[0] - 1e-6, "pulled ahead of where it is"
    assert status.target[7:] == pytest.approx(status.observation.ee_state[7:], abs=1e-6), "the other arm is not pulled"


def test_a_frozen_world_moves_with_the_first_motion(stage: Stage) -> None:
    stage.submit(v.SetFreezeOnIdle(True), v.TakeOver())
    assert stage.until(Status, lambda e: e.frozen).head == Head(0, 0)
    stage.hand.put(push(1.0))
    stage.until(Stepped)
    stage.hand.put(push(0.0))
    assert stage.until(Status, lambda e: e.frozen).head.index >= 1


def test_the_loss_of_the_driving_device_pauses_and_waits_for_the_operator(stage: Stage) -> None:
    stage.submit(v.TakeOver())
    stage.until(Stepped)
    stage.hand.disconnect()
    assert DEVICE in stage.until(Message).text
    status = stage.until(Status)
    assert status.phase == "PAUSED"
    assert not status.device_connected
    stage.hand.connect()
    assert stage.until(Status, lambda e: e.device_connected).phase == "PAUSED"


def test_a_device_that_is_just_being_changed_is_not_lost(stage: Stage) -> None:
    stage.submit(v.TakeOver())
    stage.until(Stepped)
    asked = iter([(v.Pause(), v.SetDevice("another"))])

    def changing() -> None:
        stage.submit(*next(asked, ()))

    stage.read_hand = changing
    stage.until(Status, lambda status: status.phase == "PAUSED" and status.device == "another")
    stage.runtime.stop()
    assert not [event for event in stage.all() if isinstance(event, Message)]


def test_a_device_that_raises_counts_as_lost_and_is_named(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.submit(v.TakeOver())
    stage.until(Stepped)
    real, stage.read_hand = stage.read_hand, broken_hand
    assert "its driver is torn" in stage.until(Message).text
    assert stage.until(Status, lambda e: e.phase == "PAUSED").device_connected is False
    stage.submit(v.Run())
    stage.until(Stepped, lambda e: e.source == "policy")
    stage.submit(v.Pause())
    stage.until(Status, lambda e: e.phase == "PAUSED")
    stage.read_hand = real
    assert stage.until(Status, lambda e: e.device_connected).phase == "PAUSED"
    assert len(caplog.records) == 1, "reported once, not four times a second"
    caplog.clear()


class LateDisk(NoSink):
    """Counts up when the test says so."""

    count = 0

    @property
    def recorded(self) -> int:
        return self.count


@pytest.mark.parametrize("how", ["frozen", "slow"])
def test_the_count_on_disk_is_emitted_while_no_step_is_due(how: str) -> None:
    disk = LateDisk()
    stage = Stage(sink=disk)
    if how == "frozen":
        stage.submit(v.SetFreezeOnIdle(True), v.TakeOver())
    else:
        stage.submit(v.SetSpeed(0.1), v.TakeOver())
    stage.runtime.start()
    try:
        stage.until(Status, lambda e: e.phase == "CORRECTING" and (e.frozen or e.driver is not None))
        stage.seen.clear()
        disk.count = 7
        stage.until(Status, lambda e: e.recorded == 7)
        assert not any(isinstance(event, Stepped) for event in stage.seen), "it did not wait for the next step"
    finally:
        stage.runtime.stop()


def test_the_loss_of_a_resting_device_stops_nothing(stage: Stage) -> None:
    stage.submit(v.Run())
    stage.until(Stepped)
    stage.hand.disconnect()
    status = stage.until(Status, lambda e: not e.device_connected)
    assert status.phase == "AUTONOMOUS"
    stage.until(Stepped, lambda e: e.index >= status.head.index + 3)


def test_a_refused_verb_is_words(stage: Stage) -> None:
    stage.submit(v.HandBack())
    message = stage.until(Message)
    assert message.level == "warning"
    assert message.details == {"verb": "HandBack"}


def test_a_torn_reading_pauses_with_the_reason(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.hand.put(push(float("nan")))
    stage.submit(v.TakeOver())
    assert "not 3 finite numbers" in stage.until(Message, lambda e: e.level == "error").text
    assert stage.until(Status).phase == "PAUSED"
    assert len(stage.session.tree.branches) == 1


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("failure", [PartFailed("the weights are torn"), RuntimeError("boom")])
def test_an_exception_of_a_world_is_reported_and_the_session_continues(background: bool, failure: Exception) -> None:
    world = Broken(ToyWorld())
    stage = Stage(background, world=world)
    stage.runtime.start()
    try:
        stage.submit(v.Run())
        stage.until(Stepped, lambda e: e.index == 2)
        world.fail["step"] = failure
        message = stage.until(Message)
        assert message.level == "error"
        assert str(failure) in message.text
        assert stage.until(Status).phase == "PAUSED"
        world.fail.clear()
        stage.submit(v.Run())
        stage.until(Stepped)
    finally:
        stage.runtime.stop()


def test_an_exception_inside_a_verb_is_reported_and_the_session_continues(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    real = stage.session.apply

    def apply(verb: v.Verb) -> None:
        if isinstance(verb, v.Rename):
            raise ZeroDivisionError("oops")
        real(verb)

    stage.session.apply = apply  # type: ignore[method-assign]
    stage.runtime.start()
    stage.submit(v.Rename("x"), v.StepOnce())
    assert "ZeroDivisionError: oops" in stage.until(Message).text
    stage.until(Stepped)
    stage.runtime.stop()
    assert "internal error" in caplog.text


def test_a_listener_that_fails_does_not_stop_the_session(caplog: pytest.LogCaptureFixture) -> None:
    stepped = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Stepped):
            stepped.set()
        raise ValueError("deaf")

    runtime = Runtime(open_session(), lambda: None, listen)
    runtime.start()
    runtime.submit(v.StepOnce())
    assert stepped.wait(DEADLINE_S)
    runtime.stop()
    assert "a listener failed" in caplog.text


class Gate(ToyPolicy):
    """A policy that is as slow as the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.open = threading.Event(), threading.Event()

    def act(self, *values: Any) -> Any:
        self.entered.set()
        assert self.open.wait(DEADLINE_S)
        return super().act(*values)


def test_verbs_are_answered_while_a_slow_step_is_in_flight_and_its_result_is_dropped() -> None:
    gate = Gate()
    stage = Stage(True, policy=gate)
    stage.runtime.start()
    try:
        stage.submit(v.Run())
        assert gate.entered.wait(DEADLINE_S)
        stage.submit(v.Rename("meanwhile"), v.NewEpisode(5))
        tree = stage.until(TreeChanged, lambda e: e.head.branch == 1)
        assert tree.tree.branches[0].name == "meanwhile"
        gate.open.set()
        stage.submit(v.Run())
        step = stage.until(Stepped)
        assert (step.branch, step.index) == (1, 0), "the step of the old episode is gone"
    finally:
        gate.open.set()
        stage.runtime.stop()
    assert stage.session.tree.branches[0].length == 0


def test_what_was_submitted_before_the_end_is_carried_out() -> None:
    stage = Stage()
    stage.runtime.start()
    stage.submit(*(v.Rename(str(i)) for i in range(50)))
    stage.runtime.stop()
    stage.runtime.stop()
    assert stage.session.tree.branches[0].name == "49"
    assert not any(thread.name == "runtime" for thread in threading.enumerate())


def test_a_world_that_hangs_is_not_waited_for_for_ever() -> None:
    gate = Gate()
    stage = Stage(policy=gate)
    stage.runtime.start()
    stage.submit(v.Run())
    assert gate.entered.wait(DEADLINE_S)
    with pytest.raises(TimeoutError, match="still busy"):
        stage.runtime.stop(timeout=0.0)
    gate.open.set()
    stage.runtime.stop()


def test_a_remote_world_that_hangs_is_not_waited_for_for_ever() -> None:
    gate = Gate()
    stage = Stage(True, policy=gate)
    stage.runtime.start()
    stage.submit(v.Run())
    assert gate.entered.wait(DEADLINE_S)
    late = threading.Timer(DEADLINE_S / 2, gate.open.set)
    late.start()
    with pytest.raises(TimeoutError, match="still busy"):
        stage.runtime.stop(timeout=0.2)
    late.cancel()
    gate.open.set()
    stage.runtime.stop()


def test_steps_keep_to_the_period_of_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock of the test's own: at speed 4 a step of 0.1 s is due every 25 ms, late ones do not pile up."""
    stage = Stage()
    runtime, now = stage.runtime, 100.0
    monkeypatch.setattr("core.runtime.time.monotonic", lambda: now)
    for verb in (v.SetSpeed(4.0), v.Run()):
        runtime._carry_out(verb)
    taken = []
    for tick in range(60):
        now = (100.0 if tick < 40 else 200.0) + tick * 0.005 + 1e-6
        before = stage.session.head.index
        runtime._advance()
        if stage.session.head.index > before:
            taken.append(tick)
    assert taken[:8] == list(range(0, 40, 5))
    assert taken[8:] == [40, 45, 50, 55]


def test_a_position_hand_is_followed_between_paced_steps(stage: Stage) -> None:
    stage.hand.kind = "position"
    for x in (0.0, 0.05):
        stage.hand.put(at(x))
    stage.submit(v.TakeOver())
    stage.until(Stepped)
    stage.hand.put(at(0.10))
    stage.until(Stepped, lambda e: e.index >= 12)
    stage.runtime.stop()
    assert stage.session.node.action[0] == pytest.approx(0.34 + 0.05, abs=1e-6)
