"""Whether the tools for damaged sessions handle what disks, copies and attackers do to a session.

python -m benchmarks.damage --n 1000 --seed 0

Each mutation takes one of three recorded sessions (closed, killed while recording, compacted), does one thing to it
(see benchmarks/damaged_sessions.py), and puts it beside a whole one. Then verify, sessions, the loader of review,
export, the opening part of run --session, and repair go over it, in a process that may take 500 MB and twenty seconds.

A crash is anything but an error message, or a good session that is not listed because of a bad one. A hang is more than
twenty seconds, not counting those in which the process waited for a processor. Silently wrong is a session that verify
calls whole, or an export that ends well, with another content than was recorded; what was forged together with its
checksums cannot be detected and is not counted.
"""

import itertools
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import options
from benchmarks.damage_tools import BAD, GOOD, content, exported, serve
from benchmarks.damaged_sessions import ACCIDENTS, ATTACKS, FORGED
from benchmarks.figures import Figure, Goal, report
from benchmarks.kill_program import Endless, _doings
from core import verbs as v
from core.recorder import Recorder
from core.session import Session
from core.settings import Settings
from core.store.compaction import compacting
from main import main as command
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.world import ToyWorld

SECONDS = 20.0
"""For all tools on one session; they take well under one."""


MEMORY_DISK = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Where the sessions lie: the tools are tried, not the disk."""


def recorded(folder: Path, kind: str) -> Path:
    """A session of some branches and labels: "closed", "killed" or "packed"."""
    recorder, chance = Recorder(folder, sync=False), random.Random(7)
    session = Session(
        ToyWorld(), ToyPolicy(), Endless(), sink=recorder, archive=recorder.archive, seed=7,
        settings=Settings(device="scripted"),
    )  # fmt: skip
    for _ in itertools.islice(_doings(session, chance, "fork"), 9):
        pass
    session.apply(v.Rename("before the harm"))
    recorder.flush()
    if kind == "killed":
        recorder.abandon()
        return folder
    recorder.close()
    if kind == "packed":
        for _ in compacting(folder, sync=False):
            pass
    return folder


def originals(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The sessions that come to harm, and what they hold."""
    found = []
    for kind in ("closed", "killed", "packed"):
        session = recorded(folder / kind / BAD, kind)
        out = folder / kind / "export"
        words = ["export", str(session), "--format", "robomimic", "--review", "any", "--out", str(out)]
        if command(words) != 0:
            raise RuntimeError("A whole session cannot be exported.")
        found.append((session, {"verify": content(session), "export": exported(out)}))
    return found


class Worker:
    """The process of the tools, begun again after it hung or died."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._begin()

    def _begin(self) -> None:
        self._pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # it has imported everything: from now on the clock may run

    def ask(self, request: object, seconds: float) -> dict[str, Any] | None:
        """The answer; None where there was none in time."""
        self._pipe.send(request)
        began = time.monotonic() - self._queued()
        try:
            while time.monotonic() - self._queued() - began < seconds:
                if self._pipe.poll(0.5):
                    answer: dict[str, Any] = self._pipe.recv()
                    return answer
            hung = True
        except EOFError:
            hung = False
        self._process.kill()
        self._process.join()
        self._begin()
        return None if hung else {"crashes": ["the process died"], "wrong": [], "mended": False}

    def _queued(self) -> float:
        """Seconds for which the process could have run and another one had the processor; 0 where unknown."""
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def end(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join(5)
        self._process.kill()


def main(words: Sequence[str] | None = None) -> int:
    """Harm sessions and count."""
    parser = options.parser("damage", __doc__, "40 mutations")
    parser.add_argument("--n", type=int, default=1000, help="mutations (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first one (default: 0)")
    args = parser.parse_args(words)
    count = 40 if args.quick else args.n
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="damage-", dir=MEMORY_DISK) as place:
        whole, worker = originals(Path(place) / "whole"), Worker()
        warm_up(Path(place) / "work", whole, worker)
        for number in range(args.seed, args.seed + count):
            for kind, texts in harmed(Path(place) / "work", whole, worker, number).items():
                tally[kind] += bool(texts)
                for text in texts if kind != "mended" else ():
                    print(f"  {number} {kind}: {' '.join(text.split())[-700:]}", file=sys.stderr, flush=True)
            if number % 100 == 99:
                print(f"  {number + 1 - args.seed} of {count}", file=sys.stderr, flush=True)
        worker.end()
    report(
        "damage",
        f"{count} damaged sessions, seeds {args.seed} to {args.seed + count - 1}",
        [
            Figure("n", "mutations", count, "1"),
            Figure("crashes", "answered with anything but words", tally["crashes"], "1", Goal("<=", 0)),
            Figure("hangs", f"not done after {SECONDS:.0f} s", tally["hangs"], "1", Goal("<=", 0)),
            Figure(
                "silent_wrong", "called whole, or exported, with another content", tally["wrong"], "1", Goal("<=", 0)
            ),
            Figure("mended", "whole after a repair, or still", tally["mended"], "1"),
        ],
        [options.machine()],
    )
    return 0


def warm_up(work: Path, whole: Sequence[tuple[Path, dict[str, Any]]], worker: Worker) -> None:
    """Let the tools import what they need, on sessions without damage, which must pass.

    Raises:
        RuntimeError: they do not: the benchmark itself is wrong.
    """
    for session, holds in whole:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(session, work / BAD)
        shutil.copytree(session, work / GOOD)
        answer = worker.ask((work, holds, False), 120.0)
        if answer is None or answer["crashes"] or answer["wrong"]:
            raise RuntimeError(f"A whole session does not pass: {answer}")


def harmed(
    work: Path, whole: Sequence[tuple[Path, dict[str, Any]]], worker: Worker, number: int
) -> dict[str, list[str]]:
    """One mutation: texts of what went wrong, by kind."""
    chance = random.Random(number)
    session, holds = chance.choice(list(whole))
    harms = ACCIDENTS | ATTACKS
    name = chance.choice(list(harms))
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(session, work / BAD)
    shutil.copytree(whole[0][0], work / GOOD)
    harms[name](work / BAD, chance)
    answer = worker.ask((work, holds, name in FORGED), SECONDS)
    if answer is None:
        return {"hangs": [f"{name} of {session.parent.name}"]}
    label = f"[{name} of {session.parent.name}] "
    return {
        "crashes": [label + text for text in answer["crashes"]],
        "wrong": [label + text for text in answer["wrong"]],
        "mended": ["yes"] * answer["mended"],
    }


if __name__ == "__main__":
    sys.exit(main())
