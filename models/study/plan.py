"""Which jobs a study consists of, how far they are, and what is left to spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final

from models.study.cells import CELLS
from models.study.config import StudyConfig
from models.study.results import Result, path_of, read_result, read_results
from models.study.volume import made

SECONDS: Final = {"correction": 8.0, "training": 0.1, "reference": 1.3, "world": 2.3}
"""Of one correction (with the attempts that it takes to fail), training step and attempt, on one thread of a 2026
server; figures of finished jobs replace them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job; its result is one JSON file."""

    backbone: str
    cell: str
    """Name in CELLS, "corrections", or a lineage of StudyConfig.also."""
    seed: int = 0

    @property
    def name(self) -> str:
        """For example "diffusion/hi_wm/0"."""
        return f"{self.backbone}/{self.cell}/{self.seed}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A job and how far it is."""

    job: Job
    done: bool
    minutes: float
    """Left, about."""


def jobs_of(config: StudyConfig, only: Sequence[str] = ()) -> list[Job]:
    """All jobs in the order in which they run, or those whose names match one of some patterns.

    Raises:
        StudioError: base weights that cannot be used.
    """
    found: list[Job] = []
    for backbone in config.backbones:
        if any(CELLS[name].needs_sessions for name in config.cells):
            found.append(Job(backbone, "corrections"))
        for seed in config.seeds:
            for name in config.cells:
                if CELLS[name].trained or seed == config.seeds[0]:
                    found.append(Job(backbone, name, seed if CELLS[name].trained else 0))
    found += [Job("also", name) for name in config.also]
    return [job for job in found if not only or any(fnmatch(job.name, pattern) for pattern in only)]


def planned(config: StudyConfig, jobs: Sequence[Job]) -> list[Planned]:
    """How far each job is. Raises BadStore for a result that is torn."""
    rates = _rates(config)
    return [_planned(config, job, rates) for job in jobs]


def _planned(config: StudyConfig, job: Job, rates: dict[str, float]) -> Planned:
    if job.cell == "corrections":
        done = made(config, job.backbone)
        return Planned(job, done, 0.0 if done else config.corrections * rates["correction"] / 60)
    path = path_of(config.out, job.name)
    result = read_result(path) if path.exists() else Result(job.backbone, job.cell, job.seed)
    trained = job.backbone == "also" or not CELLS[job.cell].trained or bool(result.training)
    left = {
        "training": 0 if trained else config.steps,
        "reference": max(0, config.attempts - len(result.reference)),
        "world": max(0, config.world_attempts - len(result.world)),
    }
    minutes = sum(count * rates[part] for part, count in left.items()) / 60
    return Planned(job, not any(left.values()), minutes)


def _rates(config: StudyConfig) -> dict[str, float]:
    """Seconds of each unit: means of what finished jobs took, else the defaults."""
    rates, spent, counted = dict(SECONDS), dict[str, float](), dict[str, int]()
    for result in read_results(config.out):
        units = {
            "training": int(result.training.get("steps", 0)),
            "reference": len(result.reference),
            "world": len(result.world),
        }
        for part, count in units.items():
            if count and result.seconds.get(part):
                spent[part] = spent.get(part, 0.0) + result.seconds[part]
                counted[part] = counted.get(part, 0) + count
    return rates | {part: spent[part] / counted[part] for part in spent}


def words(plan: Sequence[Planned]) -> list[str]:
    """The plan as lines."""
    width = max((len(one.job.name) for one in plan), default=0)
    lines = [f"{one.job.name:<{width}}  {'done' if one.done else f'{one.minutes:5.1f} min left'}" for one in plan]
    left = sum(one.minutes for one in plan)
    done = sum(one.done for one in plan)
    return [*lines, f"{done} of {len(plan)} jobs are done; about {left:.0f} minutes on one thread are left."]
