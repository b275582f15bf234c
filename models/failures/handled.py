"""Which failures of a list an operator has dealt with: a second file beside the list, written by the window alone.

So the list, which the search writes, and this file each have one writer, and neither loses what the other adds.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from core.errors import BadStore
from core.regular_files import read_json
from models.failures.finding import Grade
from models.failures.listing import Attempted, Listing, cases_of
from models.failures.ranking import order

NAME: Final = "handled.json"
VERSION: Final = 1
What = Literal["corrected", "skipped"]


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one failure."""

    seed: int
    draw: int
    """Of the attempt in the list."""
    what: What
    branches: tuple[int, ...] = ()
    """Corrections in the session of the attempt."""
    seconds: float = 0.0
    """Wall time in which the operator drove, corrections that were given up included."""
    steps: int = 0
    """That the operator drove."""
    retries: int = 0
    """Corrections that were begun and given up."""
    solved: bool = False
    """Whether a correction ended as a success."""
    whole_seconds: float = 0.0
    """Wall time from the moment at which the failure was on the screen to the next one."""


def waiting(listing: Listing, handled: Sequence[Handled]) -> list[Attempted]:
    """The failures that the operator has not dealt with yet, the one to correct first in front."""
    what = {(one.seed, one.draw): one.what for one in handled}
    corrected: Counter[Grade] = Counter()
    for one in listing.attempts:
        if one.failure is not None and what.get((one.seed, one.draw)) == "corrected":
            corrected[one.failure.grade] += 1
    done = [place for place, one in enumerate(listing.attempts) if (one.seed, one.draw) in what]
    return [listing.attempts[place] for place in order(cases_of(listing.attempts), corrected, done)]


def write_handled(folder: Path, handled: Sequence[Handled]) -> None:
    """Replace the file.

    Raises:
        OSError: the disk refuses it; the old one is still there.
    """
    path = folder / NAME
    partial = path.with_name(path.name + ".partial")
    with partial.open("w") as file:
        json.dump({"version": VERSION, "handled": [asdict(one) for one in handled]}, file, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_handled(folder: Path) -> list[Handled]:
    """What an operator has dealt with; empty where there is no file.

    Raises:
        BadStore: the file is torn or of another version.
    """
    path = folder / NAME
    if not path.exists():
        return []
    try:
        content = read_json(path)
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']!r}")
        return [_handled(values) for values in content["handled"]]
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise BadStore(
            f"{path} cannot be read: {error!r}. Move it away: the corrections themselves are in the sessions."
        ) from error


def _handled(values: Mapping[str, Any]) -> Handled:
    if values["what"] not in get_args(What):
        raise ValueError(f"{values['what']!r} is nothing that happens to a failure")
    return Handled(
        seed=int(values["seed"]),
        draw=int(values["draw"]),
        what=values["what"],
        branches=tuple(int(branch) for branch in values["branches"]),
        seconds=float(values["seconds"]),
        steps=int(values["steps"]),
        retries=int(values["retries"]),
        solved=bool(values.get("solved", False)),
        whole_seconds=float(values.get("whole_seconds", 0.0)),
    )
