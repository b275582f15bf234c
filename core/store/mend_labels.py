"""Mends the small tables of a session: labels that are torn are blank afterwards, and said to be lost."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final

from core.branch_tree import Branch
from core.store import small_tables as table
from core.store.check_arrays import table_chunks
from core.store.copies import Copies, Mend
from core.store.damage import DAMAGE
from core.store.fold import Committed
from core.store.serialization import branch_to_dict


def mend_labels(folder: Path, values: dict[str, Any], committed: Committed, copies: Copies) -> Iterator[Mend]:
    """Chunks of labels that are torn are put back as if nobody had said anything, so that the session opens."""
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


_KEPT: Final = frozenset({"id", "parent", "fork_step", "length", "episode", "seed", "scene_seed"})
"""What makes a branch: nothing may be put in its place."""


def _blanks(values: dict[str, Any]) -> dict[str, Any]:
    """What a column of the table of branches holds where nobody said anything."""
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
    if len(makers) == 1:  # nobody else can have made them
        blanks["world"], blanks["policy"] = (json.dumps(makers[0][maker]) for maker in ("world", "policy"))
    return blanks
