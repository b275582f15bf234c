"""Play attempts one after the other, keep those that failed as sessions, and list them; goes on where it was ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadConfig
from core.policy import Policy
from core.step_request import Parts
from core.task import Task
from core.world import World
from models.evaluation.attempts import check
from models.evaluation.rollout import FIRST_SEED, SIMULATORS
from models.failures.attempt import Played, play
from models.failures.finding import Failure, find_failure
from models.failures.listing import Attempted, Listing, read_listing, write_listing
from models.failures.ranking import start_of
from models.failures.shelf import Shelf

TRUSTED_STEPS = 20
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
    keep_successes: bool = False
    """Record successful attempts too: the policy's own successes."""
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
    failed = Shelf(config.out, "failures", parts, config.per_session, known)
    solved = Shelf(config.out, "successes", parts, config.per_session, known)
    limit = parts.task.max_steps if config.max_steps is None else config.max_steps
    played_before = {(one.seed, one.draw) for one in listing.attempts}
    try:
        for seed, draw in plan(parts, config.first_seed):
            if len(listing.attempts) >= config.attempts or _enough(listing, config.failures):
                break
            if (seed, draw) in played_before:
                continue
            played = play(parts, seed, draw, limit)
            failure = find_failure(played.course)
            session, branch = "", None
            if failure is not None:
                session, branch = failed.keep(played, failure)
            elif config.keep_successes:
                session, branch = solved.keep(played, None)
            listing = listing.added(_attempted(parts.task, played, draw, failure, session, branch))
            write_listing(config.out, listing)
            say(listing)
    finally:
        failed.close()
        solved.close()
    return listing


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


def _enough(listing: Listing, failures: int | None) -> bool:
    return failures is not None and sum(one.failure is not None for one in listing.attempts) >= failures


def _attempted(
    task: Task, played: Played, draw: int, failure: Failure | None, session: str, branch: int | None
) -> Attempted:
    course, seed = played.course, played.trunk.scene_seed
    end = len(played.steps) if failure is None else failure.points[0].index
    trust = course.trust[max(0, end - TRUSTED_STEPS) : end + 1]
    trust = trust[np.isfinite(trust)]
    return Attempted(
        seed=seed,
        draw=draw,
        success=played.success,
        steps=len(played.steps),
        progress=float(course.progress[-1]),
        best_progress=float(np.nanmax(course.progress)),
        trust=float(trust.mean()) if len(trust) else None,
        start=tuple(float(number) for number in start_of(task.scene(seed).parameters)),
        session=session,
        branch=branch,
        failure=failure,
    )
