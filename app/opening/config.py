"""What the application is asked to open."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.state_cache import DEFAULT_LIMIT

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Config:
    """The choices of one start; the command line fills them."""

    world: str = AUTO
    """Registry name, or "auto": the best one that is here."""
    policy: str = AUTO
    """Registry name, or "auto": the best one that is here and knows the world's task."""
    world_weights: Path | None = None
    """Weights of a learned world; None: those that ship with the task."""
    policy_weights: Path | None = None
    """Weights of a learned policy; None: those that ship with the task."""
    task: str = ""
    """Name in models.TASKS; "": the one of the world that is named, else the default task."""
    device: str = "keyboard"
    """What drives corrections: "keyboard", "auto" (what is plugged in) or a registry name."""
    hardware: bool = False
    """Look for devices that are plugged in; off in tests and benchmarks."""
    headset: Literal["auto", "controllers", "off"] = "off"
    """What a VR headset is used for where hardware is looked for: pictures and controllers, or controllers only."""
    profile: Path | None = None
    """The operator's settings of their hands; None keeps the defaults."""
    seed: int | None = None
    """Of the first scene; None: the first scene of the task."""
    hints: bool = False
    """Lead a new operator through a first correction."""
    session: Path | None = None
    """A folder to continue; None makes a new one under `sessions`."""
    sessions: Path | None = Path("sessions")
    """Where new sessions go; None records nothing."""
    compact: bool = False
    """Make sessions smaller after they were closed, in a separate process that outlives this one."""
    speed: float = 1.0
    """World seconds per wall second."""
    memory: int = DEFAULT_LIMIT
    """Bytes of states and frames that are kept in memory; those beyond it are read from the disk when needed."""
    size: tuple[int, int] | None = None
    """Width and height of the window in pixels; None: as it was left."""
