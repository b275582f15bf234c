"""Mends the small tables of a session: torn labels are replaced by blanks and reported as lost."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.branch_tree import Branch
from core.store import small_tables as table
from core.store.check_arrays import table_chunks
from core.store.column_files import ColumnFiles
from core.store.copies import Copies, Mend
from core.store.damage import DAMAGE
from core.store.fold import Committed
from core.store.layout import NODE_COLUMNS
from core.store.serialization import branch_to_dict


def mend_labels(folder: Path, values: dict[str, Any], committed: Committed, copies: Copies) -> Iterator[Mend]:
    """Replace torn chunks of labels by default values, so that the session opens."""
    blanks: dict[str, dict[str, Any]] = {
        "branches": _blanks(values),
        "verbs": {"wall_time": 0.0, "nodes": 0, "verb": ""},
        "edits": {"edit": '{"move": "do"}'},  # which does nothing
    }
    for name, column, block in list(table_chunks(folder, committed)):
        try:
            table.read_chunk(folder / name, column, block)
            continue
        except DAMAGE:
            blank = blanks.get(name, {}).get(column.name)
        if blank is None:
            continue
        path = folder / name / column.name / f"c.{block}"
        copies.keep_replaced(path)
        count = min(table.ROWS, getattr(committed, name) - block * table.ROWS)
        table.write_chunk(folder / name, column, block, [blank] * count)
        yield Mend(str(path.relative_to(folder)), f"It was torn: {count} {name} have lost their {column.name!r}.")


def mend_checks(folder: Path, committed: Committed, copies: Copies) -> Iterator[Mend]:
    """New checksums for rows of the small tables that do not fit theirs; which cell is another one is not known."""
    if not committed.tables_checked:
        return
    rows: dict[str, Callable[[], Sequence[Any]]] = {
        "branches": lambda: table.read_branches(folder / "branches", committed.branches),
        "verbs": lambda: table.read_verbs(folder / "verbs", committed.verbs),
        "edits": lambda: table.read_edits(folder / "edits", committed.edits),
    }
    for name, read in rows.items():
        try:
            found = read()
        except DAMAGE:
            continue  # damage there was reported above
        try:
            wrong = table.wrong_checks(folder, name, found)
            words = f"{len(wrong)} rows did not fit their checksums; they were taken as they are."
        except DAMAGE:
            wrong, words = [0], "The checksums of its rows were torn; they were made again from what is there."
        if not wrong or not found:
            continue
        for block in range(-(-len(found) // table.ROWS)):
            here = range(block * table.ROWS, min((block + 1) * table.ROWS, len(found)))
            copies.keep_replaced(folder / name / table.CHECK.name / f"c.{block}")
            checks = [table.row_check(name, number, found[number]) for number in here]
            table.write_chunk(folder / name, table.CHECK, block, checks)
        yield Mend(name, words)


def mend_lengths_of_branches(folder: Path, committed: Committed, copies: Copies) -> Iterator[Mend]:
    """The length of each branch again from the nodes that it owns."""
    column = next(column for column in table.BRANCHES if column.name == "length")
    try:
        branches = table.read_branches(folder / "branches", committed.branches)
        owners = ColumnFiles(folder).read_flat(NODE_COLUMNS["branch"], committed.nodes)
    except DAMAGE:
        return
    owned = np.bincount(owners[(owners >= 0) & (owners < len(branches))], minlength=len(branches)).tolist()
    lengths = [
        count - 1 if branch.parent is None else branch.fork_step + count
        for branch, count in zip(branches, owned, strict=True)
    ]
    wrong = [b.id for b, length in zip(branches, lengths, strict=True) if b.length != length]
    for block in sorted({number // table.ROWS for number in wrong}):
        path = folder / "branches" / column.name / f"c.{block}"
        copies.keep_replaced(path)
        table.write_chunk(folder / "branches", column, block, lengths[block * table.ROWS : (block + 1) * table.ROWS])
        yield Mend(str(path.relative_to(folder)), "Counted again from the nodes of each branch.")


_KEPT: Final = frozenset({"id", "parent", "fork_step", "length", "episode", "seed", "scene_seed"})
"""What makes a branch: nothing may be put in its place."""


def _blanks(values: dict[str, Any]) -> dict[str, Any]:
    """Default value of each column of the table of branches."""
    plain = Branch(0, None, 0, 0, 0, "rollout", 0, 0)
    blanks = {
        f.name: getattr(plain, f.name)
        for f in fields(Branch)
        if f.name not in _KEPT and (f.default is not MISSING or f.name == "kind")
    }
    as_json = branch_to_dict(plain)
    json_columns = {"markers", "world", "policy"}
    for name in json_columns:
        blanks[name] = json.dumps(as_json[name])
    makers = values.get("openings") or []
    if len(makers) == 1:  # only this world and policy can have made them
        blanks["world"], blanks["policy"] = (json.dumps(makers[0][maker]) for maker in ("world", "policy"))
    return blanks
