"""Play attempts, record those that failed (or succeeded) as sessions, list all; goes on where it was ended.

Attempts are first played in batches, drawn and judged only where that can matter. Those that are wanted are then played
once more as a session takes its steps, with every picture: a recording replays bit for bit, and its outcome counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from core.errors import BadConfig
from core.policy import Policy
from core.step_request import Parts, noise_of
from core.task import Task
from core.world import World
from models import load_gate
from models.evaluation.attempts import Attempt, attempt, check
from models.evaluation.rollout import FIRST_SEED, SIMULATORS
from models.failures.attempt import Played, branch_seed, play
from models.failures.finding import Failure, find_failure
from models.failures.listing import Attempted, Listing, read_listing, write_listing
from models.failures.ranking import start_of
from models.failures.shelf import Shelf

Keep = Literal["failures", "successes", "both"]
KEEP: Final[tuple[Keep, ...]] = ("failures", "successes", "both")
BATCH: Final = 8
"""Attempts that are first played together."""
TRUSTED_STEPS: Final = 20
"""Steps before the point to correct from over which trust is averaged."""


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How far to search, and where the results go."""

    out: Path
    attempts: int = 40
    """In all, those of earlier runs included."""
    failures: int | None = None
    """Stop once so many failures are listed."""
    first_seed: int | None = None
    """As for models.evaluation.rollout."""
    max_steps: int | None = None
    """None: the task's."""
    keep: Keep = "failures"
    """What is recorded; successes are the policy's own."""
    per_session: int = 8
    """Attempts in one session."""


def search(
    config: SearchConfig, parts: Parts, say: Callable[[Listing], None] = lambda listing: None, command: str = ""
) -> Listing:
    """Play and list attempts; `say` gets the list after each.

    Raises:
        BadConfig: the parts do not belong together, or the folder holds attempts of others.
        StudioError: a part failed, or the disk refuses a session. What was listed before stays.
        OSError: the disk refuses the list.
    """
    check(parts.world, parts.policy, parts.task)
    config.out.mkdir(parents=True, exist_ok=True)
    listing = _begun(config.out, parts, command)
    known = {(one.session, one.branch) for one in listing.attempts if one.branch is not None}
    shelves = {
        success: Shelf(config.out, "successes" if success else "failures", parts, config.per_session, known)
        for success in (False, True)
    }
    limit = parts.task.max_steps if config.max_steps is None else config.max_steps
    before = {(one.seed, one.draw) for one in listing.attempts}
    starts = (start for start in plan(parts, config.first_seed) if start not in before)
    while not _enough(listing, config):
        batch = list(islice(starts, min(BATCH, config.attempts - len(listing.attempts))))
        for (seed, draw), outcome in zip(batch, _outcomes(parts, batch, limit), strict=True):
            if _enough(listing, config):
                break
            listing = listing.added(_taken(parts, seed, draw, limit, outcome, shelves, config.keep))
            write_listing(config.out, listing)
            say(listing)
    return listing


def _outcomes(parts: Parts, starts: Sequence[tuple[int, int]], limit: int) -> list[Attempt]:
    """How attempts end, with the noise that their recordings have (up to the rounding of batched arithmetic)."""
    seeds = [branch_seed(seed, draw) for seed, draw in starts]
    return attempt(
        parts.world,
        parts.policy,
        parts.task,
        [seed for seed, _ in starts],
        limit,
        gate=load_gate(parts.task.name, parts.world.spec.workcell),
        noise=lambda row, step: noise_of(seeds[row], step),
    )


def _taken(
    parts: Parts, seed: int, draw: int, limit: int, outcome: Attempt, shelves: Mapping[bool, Shelf], keep: Keep
) -> Attempted:
    """The entry of an attempt; where it is wanted it is played once more and recorded."""
    start = tuple(float(number) for number in start_of(parts.task.scene(seed).parameters))
    if not _wanted(outcome.success, keep):
        return Attempted(
            seed, draw, outcome.success, outcome.steps, outcome.progress, outcome.best_progress, None, start
        )
    played = play(parts, seed, draw, limit)
    failure = find_failure(played.course)
    session, branch = "", None
    if _wanted(played.success, keep):
        session, branch = shelves[played.success].keep(played, failure)
    else:
        failure = None
    return _attempted(played, draw, start, failure, session, branch)


def _wanted(success: bool, keep: Keep) -> bool:
    return keep == "both" or success == (keep == "successes")


def plan(parts: Parts, first_seed: int | None) -> Iterator[tuple[int, int]]:
    """(seed, draw) of one attempt after the other, without end.

    A simulator starts from any seed. A learned world has so many starts as there are pictures; when they are used up,
    they are played again with another draw.

    Raises:
        BadConfig: a learned world has no start at the first seed.
    """
    kind = parts.world.spec.kind
    first = first_seed if first_seed is not None else FIRST_SEED if kind == "reference" else 0
    if kind in SIMULATORS:
        seed = first
        while True:
            yield seed, 0
            seed += 1
    if parts.task.scene(first).observation is None:
        raise BadConfig(
            f"Seed {first} has no shipped start, and a {kind} world starts from pictures. Try --first-seed 0."
        )
    draw = 0
    while True:
        seed = first
        while parts.task.scene(seed).observation is not None:
            yield seed, draw
            seed += 1
        draw += 1


def _begun(folder: Path, parts: Parts, command: str) -> Listing:
    """The list of the folder, or a new one.

    Raises:
        BadConfig: the list in the folder is of another task, world or policy.
        BadStore: it is torn.
    """
    about = about_of(parts.world, parts.policy, parts.task)
    listing = read_listing(folder)
    if listing is None:
        return Listing(about, command=command)
    if listing.about != about:
        names = ", ".join(name for name in about if listing.about.get(name) != about[name])
        raise BadConfig(f"The list in {folder} is of another {names}. Name another folder with --out.")
    return listing


def about_of(world: World, policy: Policy, task: Task) -> dict[str, Any]:
    """What all attempts of a list have in common."""
    return {"task": task.name, "world": world.spec.identity.to_dict(), "policy": policy.spec.identity.to_dict()}


def _enough(listing: Listing, config: SearchConfig) -> bool:
    if len(listing.attempts) >= config.attempts:
        return True
    return config.failures is not None and sum(not one.success for one in listing.attempts) >= config.failures


def _attempted(
    played: Played, draw: int, start: tuple[float, ...], failure: Failure | None, session: str, branch: int | None
) -> Attempted:
    course = played.course
    end = len(played.steps) if failure is None else failure.points[0].index
    trust = course.trust[max(0, end - TRUSTED_STEPS) : end + 1]
    trust = trust[np.isfinite(trust)]
    return Attempted(
        seed=played.trunk.scene_seed,
        draw=draw,
        success=played.success,
        steps=len(played.steps),
        progress=float(course.progress[-1]),
        best_progress=float(np.nanmax(course.progress)),
        trust=float(trust.mean()) if len(trust) else None,
        start=start,
        session=session,
        branch=branch,
        failure=failure,
    )
