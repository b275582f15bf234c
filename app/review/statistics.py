"""Numbers of one branch that a reviewer sorts and filters by. No Qt; reads the disk."""

import math
from dataclasses import dataclass

import numpy as np

from core.branch_tree import Branch
from core.step import SOURCES
from core.store.archive import StoreArchive


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the nodes that a branch owns."""

    steps: int = 0
    trust: float = math.nan
    """The lowest over its steps, 0..1; NaN where unknown."""
    progress: float = math.nan
    """At its last node, 0..1; NaN where it owns none."""
    operator_share: float = 0.0
    """Part of its steps that hands drove, 0..1."""
    devices: tuple[str, ...] = ()
    """Registry names of what drove, in alphabetical order."""
    when: float = math.nan
    """time.time() of its last step; NaN where it owns none."""


def statistics_of(archive: StoreArchive, branch: Branch) -> Statistics:
    """Read what a branch owns.

    Raises:
        BadStore: a column is missing or torn.
    """
    skip = 1 if branch.parent is None else 0  # a trunk owns the start, which no step led to
    trust = archive.column("trust", branch.id)[skip:]
    progress = archive.column("progress", branch.id)[skip:]
    source = archive.column("source", branch.id)[skip:]
    codes = np.unique(archive.column("device", branch.id)[skip:])
    wall = archive.column("wall_time", branch.id)[skip:]
    known = trust[~np.isnan(trust)]
    names = {archive.device(int(code)) for code in codes}
    return Statistics(
        steps=len(source),
        trust=float(known.min()) if len(known) else math.nan,
        progress=float(progress[-1]) if len(progress) else math.nan,
        operator_share=float(np.mean(source == SOURCES.index("operator"))) if len(source) else 0.0,
        devices=tuple(sorted(names - {""})),
        when=float(wall[-1]) if len(wall) else math.nan,
    )
