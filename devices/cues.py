"""Which cues a new status of the session calls for: the seam between what happens and what is felt."""

import math
from typing import Final

from core.events import Status
from devices.feedback import Cue

LOW_TRUST: Final = 0.4
"""Trust below which the operator is warned."""


def cues_of(before: Status | None, now: Status) -> tuple[Cue, ...]:
    """The cues of a status, the most urgent first; `before` is the one that was seen last."""
    cues: list[Cue] = []
    if before is None:
        return ()
    if before.device == now.device and before.device_connected and not now.device_connected:
        cues.append("device_problem")
    if now.phase != "CORRECTING":
        return tuple(cues)
    if before.phase != "CORRECTING":
        cues.append("take_over")
    if any(now.limit_hits):
        cues.append("workspace_edge")
    if not math.isnan(now.trust) and now.trust < LOW_TRUST:
        cues.append("low_trust")
    return tuple(cues)
