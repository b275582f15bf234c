"""Where playback is on a branch, as a value: its motion, its range, its jumps. No Qt."""

import math
from dataclasses import dataclass, replace

LEAD = 20
"""Nodes before the fork that are played too: how it came to the correction."""
FASTEST = 64.0
"""Times real time; the seventh press of L."""
SLOW = 0.5
"""Times real time, with Shift."""


@dataclass(frozen=True, slots=True)
class Playhead:
    """Position, speed and range on the nodes of one branch."""

    first: int = 0
    last: int = 0
    at: float = 0.0
    speed: float = 1.0
    """Times real time; negative plays backwards, 0 is stopped."""
    loops: bool = True
    """Whether playing begins again at an end. A range is played in a loop either way."""
    begin: int | None = None
    """First node of the range; None for the first node."""
    end: int | None = None
    """Last node of the range; None for the last node."""

    @property
    def node(self) -> int:
        """The node that is shown."""
        return max(self.first, min(self.last, math.floor(self.at + 1e-9)))

    @property
    def played(self) -> tuple[int, int]:
        """First and last node that are played: of the range, within the branch."""
        high = self.last if self.end is None else max(self.first, min(self.end, self.last))
        low = self.first if self.begin is None else max(self.first, self.begin)
        return min(low, high), high


def sought(head: Playhead, node: float) -> Playhead:
    """At a node, or at the nearest one that there is."""
    return replace(head, at=float(max(head.first, min(head.last, node))))


def tenth(head: Playhead, digit: int) -> int:
    """The node after so many tenths of the branch, 0 for its start."""
    return head.first + round((head.last - head.first) * digit / 10)


def advanced(head: Playhead, seconds: float, dt: float) -> Playhead:
    """After so many seconds of wall time with dt seconds a node; at an end it begins again or stops."""
    if head.speed == 0:
        return head
    low, high = head.played
    at = head.at + seconds * head.speed / dt
    if low <= at < high + 1:  # the last node is shown as long as any other
        return replace(head, at=at)
    if not head.loops and (head.begin, head.end) == (None, None):
        return replace(sought(head, at), speed=0.0)
    if not low <= head.at < high + 1:  # playing began outside the range
        return replace(head, at=float(low if head.speed > 0 else high))
    return replace(head, at=low + (at - low) % (high - low + 1))


def shuttled(speed: float, direction: int) -> float:
    """J (-1) and L (+1): against the motion it turns round at normal speed, with the motion it doubles."""
    if speed * direction <= 0:
        return float(direction)
    return direction * min(FASTEST, 2 * abs(speed))


def begun(head: Playhead) -> Playhead:
    """The range begins at this node; a range that would end before has no end."""
    return replace(head, begin=head.node, end=head.end if head.end is None or head.end > head.node else None)


def ended(head: Playhead) -> Playhead:
    """The range ends at this node; a range that would begin behind has no begin."""
    return replace(head, end=head.node, begin=head.begin if head.begin is None or head.begin < head.node else None)
