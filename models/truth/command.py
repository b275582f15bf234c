"""`main.py truth-check`: replay recorded corrections in the reference world.

main.py truth-check sessions/2026-11-28_10-00-00
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.command.folders import sessions_in
from core.errors import BadConfig, BadStore
from core.store.archive import StoreArchive, open_archive
from core.task import Task
from core.world import World
from models import TASKS, load_follower, load_gate, load_world
from models.evaluation.intervals import wilson
from models.truth.check import Check, compare, replay
from models.truth.recorded import branches_of, corrected, recording_world, task_and_workcell
from models.truth.results import path_of, read_checks, write_checks

SHORT: Final = 10
"""Steps until success up to which a correction is counted as short: it only finishes what the policy carried."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py truth-check`."""
    parser.add_argument("folders", type=Path, nargs="+", metavar="SESSION", help="a session, or a folder of sessions")
    parser.add_argument("--branch", type=int, help="only this one, of any kind (default: all corrections)")
    parser.add_argument("--rejected", action="store_true", help="also corrections that were rejected")
    parser.add_argument("--episode", type=Path, metavar="DATA", help="check against imported data of a robot instead")
    parser.add_argument("--number", type=int, default=0, help="of the episode in that data (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--progress", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Check, keep the checks beside each session, print them."""
    if args.progress == "json":  # a job of the application: it may take its time
        from models.datasets.export.command import lower_priority

        lower_priority()
    found: list[tuple[Path, Check]] = []
    folders = sessions_in(args.folders)
    if args.episode is not None:
        return _against_episode(folders, args)
    for folder in folders:
        found += [
            (folder, check) for check in check_session(folder, args.branch, args.rejected, _teller(args.progress))
        ]
    if not found:
        raise BadStore("There is no correction to check. Correct something first, or name a branch with --branch.")
    figures = summary([check for _, check in found])
    if args.json:
        each = [asdict(check) | {"session": str(folder), "agrees": check.agrees} for folder, check in found]
        print(json.dumps(figures | {"checks": each}, allow_nan=False))
        return 0
    for folder, check in found:
        print(f"{folder.name} {words_of(check)}")
    for name, (count, total, low, high) in figures["shares"].items():
        if total:
            print(f"{name}: {count} of {total} = {count / total:.0%} (Wilson 95 % {low:.0%} .. {high:.0%})")
    print(f"Kept in {', '.join(str(path_of(folder)) for folder in dict.fromkeys(folder for folder, _ in found))}.")
    return 0


def _against_episode(folders: Sequence[Path], args: argparse.Namespace) -> int:
    """Print how one branch compares with an episode; nothing is kept.

    Raises:
        BadConfig: not exactly one session and branch are named.
    """
    if len(folders) != 1 or args.branch is None or args.number < 0:
        raise BadConfig(
            "An episode is one recording: name one session and --branch with --episode, --number from 0 on."
        )
    from models.truth.episode import check_episode  # reads data sets, which the other check does without

    check = check_episode(folders[0], args.branch, args.episode, args.number)
    print(json.dumps(asdict(check) | {"agrees": check.agrees}) if args.json else f"{folders[0].name} {words_of(check)}")
    return 0


def check_session(
    folder: Path, branch: int | None, rejected: bool, say: Callable[[int, int], None] = lambda done, total: None
) -> list[Check]:
    """Check branches of a session and keep the checks beside it; `say` gets how many of how many are done.

    Raises:
        BadStore: the session cannot be read, or there is no such branch.
        BadConfig: its task has no reference world.
    """
    archive = open_archive(folder)
    task_name, workcell = task_and_workcell(archive)
    branches = branches_of(archive, branch, rejected)
    if not branches:
        return []
    follower = load_follower(task_name, workcell)
    reference: World = load_world("reference", task_name)
    task: Task = TASKS.load(task_name)(reference.spec.workcell)
    world = recording_world(archive, task_name)
    kept, checks = read_checks(folder), []
    for done, one in enumerate(branches, 1):
        check = _checked(archive, one.id, world, reference, task, follower)
        checks.append(check)
        kept[check.branch] = check
        write_checks(folder, reference.spec.identity.to_dict(), kept)
        say(done, len(branches))
    return checks


def _checked(
    archive: StoreArchive, number: int, world: World | None, reference: World, task: Task, follower: Any
) -> Check:
    """One branch.

    Raises:
        BadStore: a node is torn, or the object is not found where the branch begins.
    """
    found = corrected(archive, archive.tree().branches[number], world, follower)
    if found.poses[0] is None:
        raise BadStore(
            f"The object is not seen where branch {number} of {archive.folder} begins, so that its start cannot be "
            "put into the reference world. Check other branches with --branch."
        )
    scene = follower.scene(found.branch.scene_seed, found.poses[0], found.start.ee_state)
    gate = load_gate(task.name, reference.spec.workcell)
    return compare(number, found.poses, found.success_at, replay(reference, task, gate, scene, found.actions))


def summary(checks: Sequence[Check]) -> dict[str, Any]:
    """What `--json` prints: shares as (count, of, low, high) with Wilson's 95 %, and the differences at the end."""
    succeeded = [check for check in checks if check.recorded_at is not None]
    short = [check for check in succeeded if (check.recorded_at or 0) <= SHORT]
    longer = [check for check in succeeded if (check.recorded_at or 0) > SHORT]
    shares = {
        "same outcome": [check.agrees for check in checks],
        "recorded success, true on the way": [check.true_at is not None for check in succeeded],
        "recorded success, true at the end": [check.true_at_end for check in succeeded],
        f"success within {SHORT} steps, true on the way": [check.true_at is not None for check in short],
        "later success, true on the way": [check.true_at is not None for check in longer],
        "object never diverged": [check.diverged_at is None for check in checks],
    }
    return {
        "branches": len(checks),
        "shares": {name: _share(values) for name, values in shares.items()},
        "end_cm_median": float(np.median([check.end_cm for check in checks])),
        "end_deg_median": float(np.median([check.end_deg for check in checks])),
    }


def words_of(check: Check) -> str:
    """One line."""
    outcome = "agrees" if check.agrees else "DIFFERS"
    recorded = "no success" if check.recorded_at is None else f"success at step {check.recorded_at}"
    true = "no success" if check.true_at is None else f"success at step {check.true_at}"
    apart = "" if check.diverged_at is None else f", diverged from step {check.diverged_at} on"
    return (
        f"branch {check.branch}, {check.steps} steps: {outcome}; recorded {recorded}, true {true}; "
        f"{check.end_cm:.2f} cm and {check.end_deg:.1f} deg apart at the end{apart}"
    )


def _share(values: Sequence[bool]) -> tuple[int, int, float, float]:
    interval = wilson(sum(values), len(values))
    return sum(values), len(values), interval.low, interval.high


def _teller(form: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if form == "json":
            line = json.dumps({"progress": {"branches": done, "of_branches": total}})
        else:
            line = f"{done} of {total} branches"
        print(line, file=sys.stderr, flush=True)

    return tell
