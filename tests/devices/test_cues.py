"""Which of the four cues a new status calls for, and that each is felt with its own strength."""

from dataclasses import replace

import numpy as np
import pytest

from core.branch_tree import Head
from core.events import Status
from core.observation import Observation
from devices.cues import LOW_TRUST, cues_of
from devices.feedback import GRAMMAR, URGENCY, Cue

DRIVING = Status(
    phase="CORRECTING", head=Head(0, 0), observation=Observation({}, np.zeros(14, np.float32)), world_time=0.0,
    progress=0.0, success=False, trust=0.9, driver="operator", device="gamepad", device_connected=True, rate_hz=10.0,
    step_ms=1.0, speed=1.0, freeze_on_idle=False, frozen=False, clutch=(True, True), limit_hits=(False, False),
    recorded=0,
)  # fmt: skip
PAUSED = replace(DRIVING, phase="PAUSED")
POLICY = replace(DRIVING, phase="AUTONOMOUS")
AT_THE_EDGE = replace(DRIVING, limit_hits=(False, True))
DOUBTED = replace(DRIVING, trust=LOW_TRUST - 0.01)
LOST = replace(PAUSED, device_connected=False)


@pytest.mark.parametrize(
    ("before", "now", "cues"),
    [
        (None, AT_THE_EDGE, ()),
        (DRIVING, DRIVING, ()),
        (PAUSED, DRIVING, ("take_over",)),
        (POLICY, DRIVING, ("take_over",)),
        (DRIVING, POLICY, ()),
        (DRIVING, AT_THE_EDGE, ("workspace_edge",)),
        (AT_THE_EDGE, AT_THE_EDGE, ("workspace_edge",)),
        (POLICY, replace(POLICY, limit_hits=(True, True)), ()),
        (DRIVING, DOUBTED, ("low_trust",)),
        (DRIVING, replace(DRIVING, trust=LOW_TRUST), ()),
        (DRIVING, replace(DRIVING, trust=float("nan")), ()),
        (POLICY, replace(POLICY, trust=0.0), ()),
        (DRIVING, LOST, ("device_problem",)),
        (LOST, LOST, ()),
        (LOST, PAUSED, ()),
        (DRIVING, replace(LOST, device="keyboard"), ()),
        (PAUSED, replace(AT_THE_EDGE, trust=0.0), ("take_over", "workspace_edge", "low_trust")),
    ],
)
def test_what_calls_for_which_cue(before: Status | None, now: Status, cues: tuple[Cue, ...]) -> None:
    assert cues_of(before, now) == cues


def test_cues_come_in_the_order_of_their_urgency_and_each_can_be_called_for() -> None:
    both = cues_of(DRIVING, replace(DRIVING, device_connected=False, limit_hits=(True, False), trust=0.0))
    assert both == ("device_problem", "workspace_edge", "low_trust")
    assert {*both, *cues_of(PAUSED, DRIVING)} == set(URGENCY) == set(GRAMMAR)
