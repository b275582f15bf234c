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
    """Move the head ahead of the last failure of this episode; ends PAUSED."""

    before: int | None = None
    """Steps ahead of it; None: to where progress or trust last fell, see core/failure_point.py."""


@dataclass(frozen=True, slots=True)
class BranchHere:
    """Begin a new branch at a node, whatever comes after it; None is the head's."""

    branch: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """Move the head to the last node of a branch, from where a step goes on with it."""

    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Put a marker on a node; None is the head's.

    A success or a failure also says how the branch ended, in the same entry of the history: at the head always, at a
    node that is named only where the branch is open.
    """

    kind: MarkerKind
    text: str = ""
    branch: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveMarker:
    """Take a marker off a node. What it said about how the branch ended stays."""

    kind: MarkerKind
    branch: int
    index: int


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
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a branch a name."""

    name: str
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class SetNote:
    """Write a note on a branch, in place of the one that it has."""

    text: str
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class SetColor:
    """Give a branch a color of the palette; core.branch_tree.AUTOMATIC gives it its own back."""

    color: int
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class SetPinned:
    """Keep a branch in sight, or no longer."""

    on: bool
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class SetHidden:
    """Put a branch out of sight, or back."""

    on: bool
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Discard:
    """Put a branch into the trash lane; the head moves to its fork. See Restore."""

    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Take a branch out of the trash lane."""

    branch: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Replay a branch as a new one, bit for bit where the identity is the same.

    From its node ``index`` on; None is its fork.
    """

    branch: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Propose:
    """Duplicate a branch as a proposal beside it, step for step, without imagining it again; the head stays."""

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
    """Take the last verb on a branch back: a label, a marker, a new branch, a discard."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Do the last undone verb again."""


@dataclass(frozen=True, slots=True)
class JumpInHistory:
    """Undo or redo until this many entries of the history are done."""

    done: int


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """World seconds per wall second, 0.1 .. 4."""

    speed: float


@dataclass(frozen=True, slots=True)
class SetFreezeOnIdle:
    """Whether the world is not stepped while the correcting hands rest."""

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
    Run | Pause | StepOnce | TakeOver | HandBack | RollBack | RollBackToFailure | BranchHere | Continue | Mark
    | RemoveMarker | SetOutcome | SetReview | Rename | SetNote | SetColor | SetPinned | SetHidden | Discard | Restore
    | Replay | Propose | NewEpisode | SameScene | Undo | Redo | JumpInHistory | SetSpeed | SetFreezeOnIdle
    | SetDevice | SetControl
)  # fmt: skip
