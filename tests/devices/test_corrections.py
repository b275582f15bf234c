"""One scripted correction per device on Push-T, through its real library: from take-over to the recorded branch."""

import queue
from pathlib import Path

import numpy as np
import pytest
import zarr

from app.inputs.input_devices import InputDevices
from benchmarks.emulated.seams import SEAMS
from core.control import again
from core.control_record import unpack_control
from core.events import Event, Status
from core.recorder import Recorder
from core.runtime import Runtime
from core.session import Session
from core.settings import Settings
from core.store.archive import open_archive
from core.verbs import HandBack, Pause, RollBack, Run, SetControl, SetDevice, SetSpeed, TakeOver
from models import POLICIES, TASKS, WORLDS
from tests.devices.virtual import until

STEPS = 5


def tools(status: Status) -> np.ndarray:
    return status.observation.ee_state.reshape(2, 7)[:, :3]


@pytest.mark.parametrize("name", SEAMS)
def test_a_correction_from_take_over_to_the_recorded_branch(name: str, tmp_path: Path) -> None:
    world, task = WORLDS.load("reference")(), TASKS.load("push_t")()
    with SEAMS[name](tmp_path) as hand:
        hands = InputDevices(drivers=hand.drivers)
        hand.attach(hands.keyboard)
        hands.start()
        recorder = Recorder(tmp_path / "session", sync=False)
        session = Session(
            world, POLICIES.load("hold")(), task,
            sink=recorder, archive=recorder.archive, settings=Settings(device="keyboard"),
        )  # fmt: skip
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        newest: list[Status] = []

        def tell(event: Event) -> None:
            if isinstance(event, Status):
                hands.feel(event)
                newest.append(event)
            events.put(event)

        runtime = Runtime(session, hands.read, tell, why=hands.why)
        runtime.start()
        try:
            hands.assign("auto")
            until(lambda: hands.take_in() or hands.assigned == name)
            assert hands.assigned == name
            for verb in (SetSpeed(4.0), SetDevice(name), SetControl(hands.control), Run()):
                runtime.submit(verb)
            until(lambda: newest[-1].head.index >= STEPS)
            runtime.submit(Pause())
            runtime.submit(RollBack(0, 2))
            until(lambda: newest[-1].phase == "PAUSED" and newest[-1].device_connected)
            runtime.submit(TakeOver())
            until(lambda: newest[-1].phase == "CORRECTING" and any(newest[-1].clutch))
            before = tools(newest[-1])
            hand.go()
            until(lambda: np.abs(tools(newest[-1]) - before).max() > 0.01)
            hand.rest()
            at = newest[-1].head.index
            until(lambda: newest[-1].head.index >= at + STEPS)
            runtime.submit(HandBack())
            until(lambda: newest[-1].phase == "AUTONOMOUS" and newest[-1].driver == "policy")
        finally:
            runtime.stop(timeout=60.0)
            hands.close()
            recorder.close()
    corrections_are_recorded(tmp_path / "session", name, world.spec.limits, world.spec.dt)


def corrections_are_recorded(folder: Path, name: str, limits: object, dt: float) -> None:
    """The branch is there, says which device drove, and its raw input leads to its actions again."""
    archive = open_archive(folder)
    (branch,) = [one for one in archive.tree().branches.values() if one.kind == "correction"]
    assert (branch.parent, branch.fork_step) == (0, 2)
    nodes = [archive.node(branch.id, index) for index in range(branch.fork_step + 1, branch.length + 1)]
    driven = [node for node in nodes if node.source == "operator"]
    assert len(driven) > STEPS
    for node in driven:
        out = again(unpack_control(node.control), limits, dt)  # type: ignore[arg-type]
        assert out is not None
        assert out.action.tobytes() == node.action.tobytes()
    places = np.array([node.observation.ee_state for node in driven])
    assert np.ptp(places, axis=0).max() > 0.01
    devices = {
        archive.column("device", branch.id)[index] for index, node in enumerate(nodes) if node.source == "operator"
    }
    assert {zarr.open_group(str(folder), mode="r").attrs["states"]["devices"][number] for number in devices} == {name}
