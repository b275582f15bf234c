"""A session in words: the columns of the table, in the window and on the command line. No Qt."""

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.sessions.rows import OUTCOMES, REVIEWS, SessionRow
from app.widgets.numbers import grouped
from core.command.folders import size_words

COLUMNS: Final = ("Session", "Task", "Operator", "Branches", "Outcomes", "Reviewed", "Steps", "Size", "Last opened")


def when_words(moment: float) -> str:
    """2026-11-24 21:15; "" where it is unknown."""
    return "" if math.isnan(moment) else time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))


def count_words(counts: Mapping[str, int], order: Sequence[str]) -> str:
    """3 success, 1 failure; "" for nothing."""
    return ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in order if counts.get(name))


def reviewed_words(row: SessionRow) -> str:
    """7 of 19."""
    return f"{row.reviewed} of {row.branches}" if row.branches else ""


def state_words(row: SessionRow) -> str:
    """What is special about a session; "" for nothing."""
    if row.busy is not None:
        return f"being recorded by another program{f' ({row.busy})' if row.busy else ''}"
    if row.here:
        return "open here"
    return (row.broken or row.note).replace(f"{row.folder}{os.sep}", "").replace(str(row.folder), row.folder.name)


def selected_words(rows: Sequence[SessionRow]) -> str:
    """What is selected where it is more than one session; "" for nothing."""
    if not rows:
        return ""
    branches, steps = sum(row.branches for row in rows), sum(row.steps for row in rows)
    broken = sum(bool(row.broken) for row in rows)
    left_out = f" {grouped(broken)} cannot be read and {'is' if broken == 1 else 'are'} left out." if broken else ""
    return (
        f"{grouped(len(rows))} sessions are selected: {grouped(branches)} branches, {grouped(steps)} steps.{left_out}"
    )


def cells(row: SessionRow) -> tuple[str, ...]:
    """The columns of a row; of a broken one only what is known without reading it."""
    if row.broken:
        return (row.folder.name, "", "", "", "", "", "", size_words(row.size), "")
    return (
        row.folder.name,
        row.task,
        ", ".join(row.operators),
        grouped(row.branches),
        count_words(row.outcomes, OUTCOMES),
        reviewed_words(row),
        grouped(row.steps),
        size_words(row.size),
        when_words(row.opened),
    )


def as_json(row: SessionRow) -> dict[str, Any]:
    """A row for programs: numbers as numbers, what is unknown as null."""
    return {
        "folder": str(row.folder),
        "task": row.task,
        "operators": list(row.operators),
        "episodes": row.episodes,
        "branches": row.branches,
        "steps": row.steps,
        "outcomes": {name: row.outcomes.get(name, 0) for name in OUTCOMES},
        "reviews": {name: row.reviews.get(name, 0) for name in REVIEWS},
        "bytes": row.size,
        "last_opened": None if math.isnan(row.opened) else row.opened,
        "being_recorded": row.busy is not None,
        "broken": row.broken or None,
        "note": row.note or None,
    }
