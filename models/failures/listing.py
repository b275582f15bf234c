"""The list of attempts and failures beside the sessions that hold them: one JSON file, replaced as a whole.

docs/post_training.md describes the fields. A page that shows the list needs this file alone.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from core.errors import BadStore
from core.regular_files import read_json
from models.failures.finding import Failure, Grade, Kind, Proposal
from models.failures.ranking import Case, order, worth

NAME: Final = "failures.json"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt."""

    seed: int
    """Of the scene."""
    draw: int
    """Which noise of world and policy it was played with, 0 .."""
    success: bool
    steps: int
    progress: float
    """At the end, 0..1."""
    best_progress: float
    trust: float | None
    """Mean before the point to correct from, 0..1; None where unknown."""
    start: tuple[float, ...]
    """See models.failures.ranking.start_of."""
    session: str = ""
    """Folder beside the list that holds it; "" where it was not kept."""
    branch: int | None = None
    """The trunk in that session."""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that the file holds."""

    about: Mapping[str, Any]
    """Task, and identities of world and policy: what all attempts have in common."""
    attempts: tuple[Attempted, ...] = ()
    command: str = ""
    """That made it."""

    @property
    def failures(self) -> list[Attempted]:
        """The failed attempts, the one to correct first in front; see models.failures.handled.waiting."""
        return [self.attempts[place] for place in order(cases_of(self.attempts), {})]

    def added(self, attempt: Attempted) -> "Listing":
        """With one more attempt."""
        return replace(self, attempts=(*self.attempts, attempt))


def write_listing(folder: Path, listing: Listing) -> None:
    """Replace the list of a folder.

    Raises:
        OSError: the disk refuses it; the old list is still there.
    """
    values = worth(cases_of(listing.attempts))
    places = order(cases_of(listing.attempts), {})
    content = {
        "version": VERSION,
        "command": listing.command,
        "about": dict(listing.about),
        "attempts": [asdict(one) for one in listing.attempts],
        "order": [{"attempt": place, "worth": round(values[place], 4)} for place in places],
    }
    path = folder / NAME
    partial = path.with_name(path.name + ".partial")
    with partial.open("w") as file:
        json.dump(content, file, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_listing(folder: Path) -> Listing | None:
    """The list of a folder; None where there is none.

    Raises:
        BadStore: it is torn or of another version.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        content = read_json(path)
        if content["version"] != VERSION:
            raise BadStore(
                f"The list {path} has version {content['version']!r}; this program reads {VERSION}. "
                "Name another folder with --out."
            )
        return Listing(
            about=dict(content["about"]),
            attempts=tuple(_attempted(one) for one in content["attempts"]),
            command=str(content["command"]),
        )
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise BadStore(
            f"The list {path} is torn: {error!r}. The sessions beside it are whole; move the list away and "
            "name another folder with --out."
        ) from error


def _attempted(values: Mapping[str, Any]) -> Attempted:
    """One attempt, from the file."""
    failure = values["failure"]
    return Attempted(
        seed=int(values["seed"]),
        draw=int(values["draw"]),
        success=bool(values["success"]),
        steps=int(values["steps"]),
        progress=float(values["progress"]),
        best_progress=float(values["best_progress"]),
        trust=None if values["trust"] is None else float(values["trust"]),
        start=tuple(float(number) for number in values["start"]),
        session=_name(values["session"]),
        branch=None if values["branch"] is None else int(values["branch"]),
        failure=None if failure is None else _failure(failure),
    )


def _failure(values: Mapping[str, Any]) -> Failure:
    if values["kind"] not in get_args(Kind) or values["grade"] not in get_args(Grade):
        raise ValueError(f"{values['kind']!r}, {values['grade']!r} is no failure")
    points = tuple(Proposal(int(point["index"]), str(point["why"])) for point in values["points"])
    if not points:
        raise ValueError("a failure without a point to correct from")
    return Failure(values["kind"], values["grade"], int(values["noticed"]), bool(values["idle"]), points)


def _name(value: Any) -> str:
    """The name of a folder beside the list."""
    name = str(value)
    if name != os.path.basename(name) or name in (".", ".."):
        raise ValueError(f"{name!r} is no folder beside the list")
    return name


def cases_of(attempts: Sequence[Attempted]) -> list[Case]:
    """What the order of corrections depends on, attempt by attempt."""
    return [
        Case(
            np.array(one.start),
            None if one.failure is None else one.failure.grade,
            float("nan") if one.trust is None else one.trust,
        )
        for one in attempts
    ]
