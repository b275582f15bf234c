"""What is recorded along the whole path to the end of a branch, as columns. No Qt; reads the disk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import BranchTree, lineage
from core.store.archive import StoreArchive


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Row i belongs to node i of the path from the start of the episode through one branch."""

    branch: int
    fork: int
    """Node from which the branch owns what follows; 0 for a trunk."""
    action: NDArray[np.float32]
    """(N, 14) that led to the node, absolute, base frame; NaN at the start."""
    ee_state: NDArray[np.float32]
    """(N, 14) measured, base frame."""
    trust: NDArray[np.float64]
    """(N,) 0..1; NaN where unknown."""
    progress: NDArray[np.float64]
    """(N,) 0..1; NaN where unknown."""
    source: NDArray[np.int8]
    """(N,) index into core.step.SOURCES; -1 at the start."""

    @property
    def last(self) -> int:
        """Index of the last node; -1 where nothing is recorded."""
        return len(self.trust) - 1


COLUMNS = ("action", "ee_state", "trust", "progress", "source")


def track_of(archive: StoreArchive, tree: BranchTree, branch: int) -> Track:
    """Read the columns of a path.

    Raises:
        BadStore: a column is missing or torn.
        IllegalVerb: there is no such branch.
    """
    line = lineage(tree, branch)[::-1]
    columns = {}
    for name in COLUMNS:
        parts = []
        for place, part in enumerate(line):
            own = archive.column(name, part.id)
            if place + 1 < len(line):  # what was shared before the next one left
                first = 0 if part.parent is None else part.fork_step + 1
                own = own[: max(0, line[place + 1].fork_step + 1 - first)]
            parts.append(own)
        columns[name] = np.concatenate(parts)
    shortest = min(len(values) for values in columns.values())  # a session that is being written grows meanwhile
    columns = {name: values[:shortest] for name, values in columns.items()}
    if shortest:
        columns["action"][0] = np.nan
        columns["trust"][0] = np.nan  # no step led to the start
    return Track(branch, line[-1].fork_step, **columns)
