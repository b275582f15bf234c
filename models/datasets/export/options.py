"""What an export is asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from core.branch_tree import Outcome, Review

Format = Literal["diffusion-policy", "lerobot", "robomimic"]
What = Literal["attempts", "corrections"]
ActionCodec = Literal["absolute", "delta"]
VideoCodec = Literal["av1", "h264"]

FORMATS: Final[dict[Format, str]] = {
    "lerobot": "LeRobotDataset v3.0",
    "diffusion-policy": "diffusion_policy ReplayBuffer (Zarr v2)",
    "robomimic": "robomimic HDF5",
}
"""Formats, and what users call them."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
REVIEWS: Final[tuple[Review, ...]] = get_args(Review)
LAYOUT: Final = 1
"""Version of the exported layout: increased when columns or files change, so that no older half is resumed."""
SIRIUS_WINDOW: Final = 15
"""Steps before an intervention that Sirius labels."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Sessions, format and choice."""

    sessions: tuple[Path, ...]
    out: Path
    format: Format
    what: What = "attempts"
    """Attempts: from the start of the episode to the branch's end, corrections inside. Corrections: only what the
    operator drove, one episode per stretch."""
    review: tuple[Review, ...] = ("accepted",)
    """Branches with one of these reviews."""
    outcome: tuple[Outcome, ...] = OUTCOMES
    """Branches with one of these outcomes."""
    window: int = 0
    """Steps before an intervention that are labelled -10; they come along where only corrections are exported."""
    codec: ActionCodec = "absolute"
    task: str = ""
    """What the task is called in the data set; "" takes the title of the session's task."""
    video: VideoCodec = "av1"
    """Of a LeRobotDataset."""
    next_obs: bool = False
    """Whether robomimic files hold next_obs, which doubles the pictures."""
    trim_idle: bool = False
    """Leave out steps in which the operator drove and the hands rested; see models/datasets/export/idle.py."""

    def choice(self) -> dict[str, Any]:
        """What decides the contents of the export, apart from the sessions, as plain values."""
        choice = {
            "layout": LAYOUT,
            "format": self.format,
            "what": self.what,
            "review": sorted(self.review),
            "outcome": sorted(self.outcome),
            "window": self.window,
            "codec": self.codec,
            "task": self.task,
            "video": self.video,
            "next_obs": self.next_obs,
        }
        return choice | ({"trim_idle": True} if self.trim_idle else {})  # absent where nothing is left out, as before
