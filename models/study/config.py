"""What a study is, as one value, and the note of it in its folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import BadConfig, BadStore
from core.task import Task
from models import DEFAULT_TASK, TASKS
from models.evaluation.rollout import SIMULATORS
from models.policies.chunks.checkpoint import policy_kind
from models.study.cells import CELLS, MAIN

NOTE: Final = "study.json"


@dataclass(frozen=True, slots=True)
class StudyConfig:
    """Which policies, on what data, how long and how often."""

    out: Path
    bases: tuple[Path, ...]
    """Weights of the base policies, one of each kind."""
    demos: tuple[Path, ...]
    """Demonstrations that they were trained on."""
    demo_episodes: int | None = None
    """As in models.post_training.config.PostTrainConfig."""
    extra_demos: tuple[Path, ...] = ()
    """Demonstrations that they have not seen, for the control."""
    task: str = DEFAULT_TASK
    world_weights: Path | None = None
    cells: tuple[str, ...] = MAIN
    seeds: tuple[int, ...] = (0,)
    """Of the trainings of each cell."""
    corrections: int = 150
    scenes: int = 96
    """Scenes 0 .. that are corrected; the world is evaluated on the ones after them."""
    steps: int = 5000
    rate: float = 5e-5
    batch: int = 64
    attempts: int = 200
    """In the reference world, on the same seeds for every cell."""
    world_attempts: int = 32
    """In the learned world; 0: none, and no correlation."""
    max_steps: int | None = None
    """Control steps of an attempt; None: the task's. Second tries come late: do not shorten it."""
    also: Mapping[str, Path] = field(default_factory=dict)
    """Further policies, lineage -> weights, that are evaluated for the correlation only."""

    @property
    def world(self) -> str:
        """The kind of the learned world."""
        return TASKS.row(self.task).worlds[0]

    @property
    def reference(self) -> str:
        """The kind of the world that counts."""
        return TASKS.row(self.task).worlds[-1]

    @property
    def backbones(self) -> dict[str, Path]:
        """Kind of policy -> its base.

        Raises:
            BadConfig: two of one kind.
            BadCheckpoint: weights that cannot be read.
        """
        found: dict[str, Path] = {}
        for path in self.bases:
            kind = policy_kind(path)
            if kind in found:
                raise BadConfig(
                    f"{found[kind]} and {path} are both {kind} policies; a study has one base of each kind."
                )
            found[kind] = path
        return found

    def check(self) -> None:
        """Refuse what cannot be carried out.

        Raises:
            BadConfig: in words.
        """
        unknown = [name for name in self.cells if name not in CELLS]
        if unknown:
            raise BadConfig(f"There is no cell {unknown[0]!r} in a study; there are: {', '.join(CELLS)}.")
        if "control" in self.cells and not self.extra_demos:
            raise BadConfig("The cell 'control' needs demonstrations that the base has not seen: name some with "
                            "--extra-demos, or leave the cell out with --cells.")  # fmt: skip
        self._check_starts()
        if not self.bases:
            raise BadConfig("A study needs the weights of at least one base policy: name them with --base.")

    def _check_starts(self) -> None:
        """Refuse more scenes than a world that starts from pictures has starts for."""
        if self.world in SIMULATORS:
            return
        task: Task = TASKS.load(self.task)()
        wanted = self.scenes + self.world_attempts
        for seed in range(wanted):
            if task.scene(seed).observation is None:
                raise BadConfig(
                    f"{self.scenes} scenes that are corrected and {self.world_attempts} attempts in the learned world "
                    f"on other ones need {wanted} starts; {seed} are shipped. Lower --scenes or --world-attempts."
                )

    def note(self) -> dict[str, Any]:
        """What all results of a folder have in common; cells, seeds and numbers of attempts may grow later."""
        return {
            "task": self.task,
            "demos": [str(folder) for folder in self.demos],
            "demo_episodes": self.demo_episodes,
            "extra_demos": [str(folder) for folder in self.extra_demos],
            "scenes": self.scenes,
            "steps": self.steps,
            "rate": self.rate,
            "batch": self.batch,
            "max_steps": self.max_steps,
        }


def require_same(config: StudyConfig) -> None:
    """Note in the folder what the study is, and refuse to mix two.

    Raises:
        BadConfig: it holds results of other options.
        BadStore: its note cannot be read.
    """
    path, wanted = config.out / NOTE, config.note()
    if not path.exists():
        config.out.mkdir(parents=True, exist_ok=True)
        write_json(path, wanted)
        return
    there = read_json(path)
    other = [key for key in wanted if there.get(key) != wanted[key]]
    if other:
        raise BadConfig(
            f"{config.out} holds a study with other options ({other[0]}: {there.get(other[0])}, now "
            f"{wanted[other[0]]}). Name a new folder with --out."
        )


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Replace a JSON file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(values, indent=1) + "\n")
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file that write_json wrote.

    Raises:
        BadStore: it is missing or torn.
    """
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadStore(f"{path} cannot be read: {error}. Delete it; the study makes it again.") from error
    if not isinstance(values, dict):
        raise BadStore(f"{path} is not a JSON object. Delete it; the study makes it again.")
    return values
