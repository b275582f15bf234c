"""What a post-training is, as one value."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.errors import BadConfig
from models.post_training.options import CORRECTIONS, Selection, Weights

CORRECTION_SHARE = 0.35
"""Part of every batch that corrections get by default."""
OWN_SHARE = 0.15
"""Part of every batch that the policy's own successes get by default."""


@dataclass(frozen=True, slots=True)
class PostTrainConfig:
    """From which weights, on what, how long, and where the results go."""

    base: Path
    """Weights of the policy. Every round begins with those of the base, and trains on the data of all rounds."""
    out: Path
    demos: tuple[Path, ...]
    """Data sets of demonstrations that the base was trained on; their held-out episodes validate."""
    demo_episodes: int | None = None
    """At most this many of them, evenly spread: what the base was trained on with `--episodes`."""
    sessions: tuple[Path, ...] = ()
    """Recorded sessions whose corrections are trained on."""
    own_successes: tuple[Path, ...] = ()
    """Recorded sessions in which the policy solved attempts without an operator."""
    extra_demos: tuple[Path, ...] = ()
    """Data sets of demonstrations that the base has not seen: a control at equal volume. Where one of them is also
    among `demos`, only the episodes that `demo_episodes` leaves out."""
    share: float = CORRECTION_SHARE
    """Part of every batch for corrections, where there are sessions."""
    own_share: float = OWN_SHARE
    """Part of every batch for own successes, where there are some."""
    extra_share: float = CORRECTION_SHARE
    """Part of every batch for further demonstrations, where there are some."""
    most_rows: int | None = None
    """At most about this many rows of corrections, and of further demonstrations; None: all."""
    own_rows: int | None = None
    """At most about this many rows of own successes; None: all."""
    selection: Selection = field(default_factory=lambda: CORRECTIONS)
    weights: Weights = field(default_factory=Weights)
    steps: int = 5000
    rate: float = 5e-5
    """Peak of the learning rate: a tenth of that of the base's training."""
    every: int = 1000
    """Steps between validations and exports."""
    seed: int = 0
    batch: int = 64
    precision: Literal["auto", "float32", "bf16"] = "float32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    cache: Path | None = None
    """Folder of shrunk pictures of demonstrations; None: in `out`."""

    @property
    def shares(self) -> dict[str, float]:
        """Name of each source -> its part of every batch; demonstrations get what is left.

        Raises:
            BadConfig: the parts cannot be.
        """
        parts = {
            "corrections": self.share if self.sessions else 0.0,
            "own successes": self.own_share if self.own_successes else 0.0,
            "further demonstrations": self.extra_share if self.extra_demos else 0.0,
        }
        for name, part in parts.items():
            if not 0.0 <= part <= 1.0:
                raise BadConfig(f"The share of {name} is {part:g}; say a part of every batch between 0 and 1.")
        for folders, name in (
            (self.sessions, "corrections"),
            (self.own_successes, "own successes"),
            (self.extra_demos, "further demonstrations"),
        ):
            if folders and parts[name] == 0.0:
                raise BadConfig(
                    f"There are {name}, but their share is 0. Give them a share above 0, or leave them out."
                )
        left = 1.0 - sum(parts.values())
        if left < -1e-9:
            words = ", ".join(f"{name} {part:g}" for name, part in parts.items() if part)
            raise BadConfig(f"The shares add up to more than 1: {words}. Lower one of them.")
        found = {"demonstrations": left} | parts
        return {name: part for name, part in found.items() if part > 1e-9}
