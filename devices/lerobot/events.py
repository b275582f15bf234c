"""The answer of LeRobot's get_teleop_events() as buttons that verbs can be bound to.

LeRobot asks an optional second contract of a teleoperator: get_teleop_events() gives a dictionary whose keys are its
TeleopEvents (or their values) and whose values say whether each holds. A press is an event that begins to hold; the
end of an intervention is a separate press, since it hands back to the policy.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

EVENTS: Final = ("is_intervention", "terminate_episode", "success", "failure", "rerecord_episode")
"""LeRobot's values of TeleopEvents."""
ENDED: Final = "intervention_over"
"""Is pressed when "is_intervention" holds no more."""
BUTTONS: Final = (*EVENTS, ENDED)


@runtime_checkable
class Eventful(Protocol):
    """A teleoperator that gives events beside the pose of the hand."""

    def get_teleop_events(self) -> Mapping[Any, Any]:
        """Which events hold now."""


class Events:
    """Counts presses; one thread uses it."""

    def __init__(self) -> None:
        self._held: frozenset[str] | None = None
        self._presses = dict.fromkeys(BUTTONS, 0)

    def looked(self, said: Mapping[Any, Any]) -> Mapping[str, int]:
        """The press counters after a look. What holds at the first look was not pressed here."""
        names = {str(getattr(key, "value", key)): bool(value) for key, value in said.items()}
        held = frozenset(event for event in EVENTS if names.get(event, False))
        before = held if self._held is None else self._held
        for event in held - before:
            self._presses[event] += 1
        if "is_intervention" in before - held:
            self._presses[ENDED] += 1
        self._held = held
        return dict(self._presses)
