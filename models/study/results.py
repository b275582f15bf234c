"""The result of one policy of the study: one JSON file, which grows while its job runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import BadStore
from models.evaluation.attempts import Attempt
from models.study.config import read_json, write_json


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one policy."""

    backbone: str
    cell: str
    seed: int
    """Of its training."""
    weights: str = ""
    sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    """Steps, seconds, last losses by source, rows by source; empty where there was none."""
    reference: tuple[Attempt, ...] = ()
    """In the order of their seeds."""
    world: tuple[Attempt, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    """Spent in each part: "training", "reference", "world"."""
    command: str = ""
    commit: str = ""

    @property
    def name(self) -> str:
        """Of the job, for example "diffusion/hi_wm/0"."""
        return f"{self.backbone}/{self.cell}/{self.seed}"

    @property
    def lineage(self) -> str:
        """Policies of one lineage share backbone and data."""
        return f"{self.backbone}/{self.cell}"

    def spent(self, part: str, seconds: float) -> "Result":
        """With more seconds in a part."""
        return replace(self, seconds={**self.seconds, part: round(self.seconds.get(part, 0.0) + seconds, 1)})


def path_of(out: Path, name: str) -> Path:
    """Where the result of a job is kept."""
    return out / "results" / f"{name.replace('/', '-')}.json"


def write_result(out: Path, result: Result) -> None:
    """Replace the file of a result."""
    write_json(path_of(out, result.name), asdict(result))


def read_result(path: Path) -> Result:
    """One result.

    Raises:
        BadStore: it is missing, torn or of another version.
    """
    values = read_json(path)
    try:
        for part in ("reference", "world"):
            values[part] = tuple(Attempt(**attempt) for attempt in values[part])
        return Result(**values)
    except (KeyError, TypeError) as error:
        raise BadStore(f"{path} is no result of this study ({error}). Delete it; the study makes it again.") from error


def read_results(out: Path) -> list[Result]:
    """All results of a folder, in the order of their names. Raises as read_result does."""
    return [read_result(path) for path in sorted((out / "results").glob("*.json"))]


def successes(attempts: Sequence[Attempt]) -> list[bool]:
    """By seed."""
    return [attempt.success for attempt in attempts]
