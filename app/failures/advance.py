"""What the key for the next failure does away from the UI thread: account for the last one, choose the next. No Qt."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.review.loader import read_only
from core.errors import BadStore, StudioError
from core.store.archive import StoreArchive
from core.store.damage import trouble_words
from core.store.lock import held_by
from models.failures.effort import effort
from models.failures.handled import Handled, read_handled, write_handled
from models.failures.listing import Listing, read_listing
from models.failures.queue import Key, Queued, queue, with_effort


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Where the operator is in the queue."""

    folder: Path
    """Of the list."""
    current: Queued | None = None
    """The failure that the operator has just worked on; None where there is none."""
    seconds: float = 0.0
    """For which it was on the screen."""
    live: StoreArchive | None = None
    """Of the session that is open for driving."""
    behind: tuple[Key, ...] = ()
    """Failures that were passed over in this sitting: they come last, in this order."""
    wanted: Key | None = None
    """A failure that the user chose; None: the first one that waits."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The failure to go to."""

    target: Queued | None
    about: dict[str, Any]
    """Task, world and policy of the list."""
    waiting: int = 0
    """Failures that wait, the target included."""
    handled: int = 0
    words: str = ""
    """What was passed over and why; without a target: why there is none."""


def advance(request: Request) -> Answer:
    """Write down what the current failure took, and choose the next one.

    Raises:
        BadStore: there is no list, or it is torn.
        OSError: the disk refuses what was handled.
    """
    listing = read_listing(request.folder)
    if listing is None:
        raise BadStore(f"There is no list of failures in {request.folder} yet. Find some on the page Failures first.")
    handled = before = read_handled(request.folder)
    if request.current is not None:
        handled = _accounted(request, handled, request.current, request.seconds)
    passed: list[str] = []
    target = None
    for one in _candidates(request, listing, handled):
        trouble = _trouble(request, one.key)
        if trouble:
            if trouble not in passed:
                passed.append(trouble)
            continue
        known = len(handled)
        handled = _accounted(request, handled, one, 0.0)
        if one.key == request.wanted or len(handled) == known:
            target = one
            break
    if handled is not before:
        write_handled(request.folder, handled)
    entries = queue(listing, handled)
    waiting = sum(one.rank > 0 for one in entries)
    words = " ".join(passed)
    if target is None and request.wanted is None:
        words = words or _nothing_left(waiting, len(entries) - waiting)
    return Answer(target, dict(listing.about), waiting, len(entries) - waiting, words)


def account(request: Request) -> None:
    """Write down what the current failure took.

    Raises:
        BadStore: the file of what was handled is torn.
        OSError: the disk refuses it.
    """
    before = read_handled(request.folder)
    if request.current is not None:
        after = _accounted(request, before, request.current, request.seconds)
        if after is not before:
            write_handled(request.folder, after)


def _candidates(request: Request, listing: Listing, handled: list[Handled]) -> Iterator[Queued]:
    """The failures to try, in order."""
    entries = queue(listing, handled)
    if request.wanted is not None:
        yield from (one for one in entries if one.key == request.wanted)
        return
    waiting = [one for one in entries if one.rank]
    yield from (one for one in waiting if one.key not in request.behind)
    yield from sorted(
        (one for one in waiting if one.key in request.behind), key=lambda one: request.behind.index(one.key)
    )


def _accounted(request: Request, handled: list[Handled], one: Queued, seconds: float) -> list[Handled]:
    """With what the session says of a failure; the same value where nothing was corrected or the session is gone."""
    try:
        done = effort(_archive(request, one.key), one.key.branch)
    except (StudioError, KeyError, OSError):
        return handled
    return with_effort(handled, one.attempt, done, seconds) if done.branches else handled


def _archive(request: Request, key: Key) -> StoreArchive:
    folder = request.folder / key.session
    if request.live is not None and request.live.folder.resolve() == folder.resolve():
        return request.live
    return read_only(folder)


def _trouble(request: Request, key: Key) -> str:
    """Why a failure cannot be opened now; "" where it can."""
    folder = request.folder / key.session
    holder = held_by(folder)
    if holder is not None and f"process {os.getpid()} on {platform.node()}," not in holder:
        return f"{key.session} is still being recorded; its failures wait until that is over."
    try:
        known = key.branch in _archive(request, key).tree().branches
    except (StudioError, OSError) as error:
        return f"{key.session} was passed over: {trouble_words(folder, error)}"
    return "" if known else f"{key.session} was passed over: it has no branch {key.branch}."


def _nothing_left(waiting: int, handled: int) -> str:
    if waiting:
        return "No failure can be opened now."
    if handled:
        return f"Every failure of the list is handled ({handled}). Find more on the page Failures."
    return "The list holds no failure yet. Find some on the page Failures."
