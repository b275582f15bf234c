"""Every intent of the user as a value; menus, keys, devices and tests submit the same ones."""

from dataclasses import dataclass
from typing import Literal

from core.branch_tree import MarkerKind, Outcome, Review
from core.control import ControlConfig


@dataclass(frozen=True, slots=True)
class Run:
    """Let the policy drive: PAUSED -> AUTONOMOUS."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still: AUTONOMOUS or CORRECTING -> PAUSED."""


@dataclass(frozen=True, slots=True)
class StepOnce:
    """One step of the policy while PAUSED."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The operator drives: AUTONOMOUS or PAUSED -> CORRECTING."""


@dataclass(frozen=True, slots=True)
class HandBack:
    """The policy drives again: CORRECTING -> AUTONOMOUS."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """Move the head to a node; ends PAUSED. The next step forks unless the node is the branch's last."""

    branch: int
    index: int


@dataclass(frozen=True, slots=True)
class RollBackToFailure:
    """Move the head `before` steps ahead of the last failure marker of this episode."""

    before: int = 20


@dataclass(frozen=True, slots=True)
class BranchHere:
    """Begin a new branch at the head, whatever stands behind it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Put a marker on the head."""

    kind: MarkerKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """Say how a branch ended; branch None is the head's."""

    outcome: Outcome
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class SetReview:
    """Accept, reject or send back a branch."""

    review: Review
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a branch a name."""

    name: str
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Discard:
    """Put a branch into the trash lane; the head moves to its fork. Restored by Undo."""

    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """Replay a branch from its fork as a new branch, bit for bit where the identity is the same."""

    branch: int | None = None


@dataclass(frozen=True, slots=True)
class NewEpisode:
    """Start the scene of a seed; None is the next one."""

    seed: int | None = None


@dataclass(frozen=True, slots=True)
class SameScene:
    """Start the head's scene once more as a new episode."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last verb on a branch back (outcome, marker, review, name, discard)."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Do the last undone verb again."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """World seconds per wall second, 0.1 .. 4."""

    speed: float


@dataclass(frozen=True, slots=True)
class SetFreezeOnIdle:
    """Whether the world stands still while the correcting hands rest."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetDevice:
    """Which device drives corrections."""

    name: str


@dataclass(frozen=True, slots=True)
class SetControl:
    """How a hand becomes a command from now on: another device, or another feel."""

    config: ControlConfig


Phase = Literal["AUTONOMOUS", "PAUSED", "CORRECTING"]
Verb = (
    Run | Pause | StepOnce | TakeOver | HandBack | RollBack | RollBackToFailure | BranchHere | Mark | SetOutcome
    | SetReview | Rename | Discard | Replay | NewEpisode | SameScene | Undo | Redo | SetSpeed | SetFreezeOnIdle
    | SetDevice | SetControl
)  # fmt: skip
