"""How much is lost when a recording program is killed: nothing that it had shown as recorded, and every store opens.

python -m benchmarks.kill --n 1000

A program drives a real session on the toy world into a real store (see benchmarks/kill_program.py) and is killed with
SIGKILL, at a random moment of recording, forking, undoing, closing, compacting or recovering. What it acknowledged
came through a pipe. Then the store is opened for reading, acknowledged steps and labels are compared with what was
recorded, and the whole session is verified; now and then plain zarr-python reads it. Most stores survive several kills.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zarr

from benchmarks import options
from benchmarks.figures import Figure, Goal, report
from benchmarks.kill_program import PHASES, crc_of, crc_of_labels, labels_of, live
from core.recorder import Recorder
from core.store.archive import StoreArchive, open_archive
from core.store.verify import verify

LIVES = 5
"""Kills of one store before the next one is begun."""
OUT = Path("out")


@dataclass(slots=True)
class Life:
    """What one program reported before it was killed."""

    steps: list[tuple[int, int, int]] = field(default_factory=list)
    """Reported ones: branch, index, CRC."""
    labels: dict[int, int] = field(default_factory=dict)
    """Number of the change -> CRC of all labels after it; 0 is what the store held before."""
    recorded: int = 0
    """Steps that it showed as recorded, those of earlier lives included."""
    labelled: int = 0
    """Changes of labels that it knew to be recorded."""
    ended: bool = False
    """It got through its phase before it was killed."""

    def hear(self, line: bytes) -> str:
        """Take in one line; its first word."""
        word, *values = json.loads(line)
        match word:
            case "told":
                self.steps.append((values[0], values[1], values[2]))
            case "labels":
                self.labels[values[0]] = values[1]
            case "recorded":
                self.recorded = max(self.recorded, values[0])
                self.labelled = max(self.labelled, values[1])
            case "end":
                self.ended = True
        return str(word)


@dataclass(slots=True)
class Outcome:
    """What all kills cost."""

    lost_steps: int = 0
    lost_labels: int = 0
    unopened: int = 0
    damaged: int = 0
    acknowledged: int = 0
    """Steps that were compared with what was recorded."""
    ended: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)


def killed(folder: Path, phase: str, seed: int, after: float | None) -> tuple[Life, float]:
    """Run the program, kill it so many seconds into its phase (None: at its end); how long the phase took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            live(folder, writing, phase, seed)
            signal.pause()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writing)
    life, began = Life(), 0.0
    try:
        with open(reading, "rb", buffering=0) as pipe:
            rest = b""
            while data := pipe.read(65536):
                *lines, rest = (rest + data).split(b"\n")
                words = [life.hear(line) for line in lines]
                if "phase" in words:
                    began = time.monotonic()
                    if after is not None:
                        time.sleep(after)
                        os.kill(child, signal.SIGKILL)
                if "end" in words:
                    took = time.monotonic() - began
                    return life, took
            return life, 0.0
    finally:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"The program to be killed failed by itself in {phase}; its output is above.")


def lost(archive: StoreArchive, life: Life, before: int, known: list[tuple[int, int, int]]) -> int:
    """Number of acknowledged steps that the store lost or changed; ``before`` were there at the beginning."""
    wanted = [*known, *life.steps[: max(0, life.recorded - before)]]
    missing = 0
    for branch, index, crc in wanted:
        if not archive.holds(branch, index + 1) or crc_of(archive.node(branch, index + 1)) != crc:
            missing += 1
    return missing


def labels_lost(archive: StoreArchive, life: Life, before: int) -> bool:
    """Whether the labels are older than what was known to be recorded."""
    found = crc_of_labels({b.id: labels_of(b) for b in archive.tree().branches.values()})
    allowed = {crc for number, crc in ({0: before} | life.labels).items() if number >= life.labelled}
    return found not in allowed


class Kills:
    """A row of kills, each store through several of them."""

    def __init__(self, place: Path, seed: int) -> None:
        self._place, self._random = place, random.Random(seed)
        self._number = self._lives = 0
        self._folder = place / "0"
        self._before, self._labels = 0, crc_of_labels({})
        self._known: list[tuple[int, int, int]] = []
        self.outcome = Outcome()

    def one(self, phase: str, longest: float) -> None:
        """Kill once, within so many seconds of the beginning of a phase, and look what is left."""
        if self._lives == LIVES or (self._lives == 0 and self._number):
            self._next()
        self._number += 1
        self._lives += 1
        life, _ = killed(self._folder, phase, self._random.getrandbits(32), self._random.uniform(0.0, longest))
        outcome = self.outcome
        outcome.phases[phase] += 1
        outcome.ended += life.ended
        try:
            self._judge(life, phase)
        except Exception as error:
            outcome.unopened += 1
            outcome.words.append(f"{phase}: {type(error).__name__}: {error}")
            shutil.move(self._folder, self._place.parent / f"unopened-{self._number}")
            self._next()

    def _judge(self, life: Life, phase: str) -> None:
        if not self._folder.exists() and not life.recorded:
            return
        outcome = self.outcome
        archive = open_archive(self._folder)
        archive.history()
        self._random.shuffle(self._known)
        missing = lost(archive, life, self._before, self._known[:100])
        outcome.lost_steps += missing
        outcome.acknowledged += max(0, life.recorded - self._before)
        if missing:
            outcome.words.append(f"{phase}: {missing} steps lost")
        if labels_lost(archive, life, self._labels):
            outcome.lost_labels += 1
            outcome.words.append(f"{phase}: labels lost")
        verdict = verify(self._folder)
        if not verdict.ok:
            outcome.damaged += 1
            outcome.words += [f"{phase}: {f.path}: {f.words}" for f in verdict.findings if f.level == "damage"]
        self._known += life.steps[: archive.steps - self._before]
        self._before = archive.steps
        self._labels = crc_of_labels({b.id: labels_of(b) for b in archive.tree().branches.values()})
        if self._number % 3 == 0:  # else the next program recovers it
            self._reopen()
        if self._number % 10 == 0:
            self._read_plainly()

    def _reopen(self) -> None:
        Recorder(self._folder, sync=False).close()

    def _read_plainly(self) -> None:
        self._reopen()
        for _, member in zarr.open_group(self._folder, mode="r").members(max_depth=None):
            if isinstance(member, zarr.Array):
                member[:]

    def _next(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self._place / str(self._number + 1)
        self._lives, self._before, self._labels, self._known = 0, 0, crc_of_labels({}), []


def durations(place: Path) -> dict[str, float]:
    """Duration of each phase without a kill, seconds."""
    taken = {}
    for phase in PHASES:  # the third one of each opens what the second left
        runs = [killed(place / f"measure-{phase}", phase, 4 * number + 1, None)[1] for number in range(3)]
        taken[phase] = runs[0] if phase == "compaction" else max(runs[1:])  # what is packed is packed
    return taken


def figures_of(outcome: Outcome, n: int) -> list[Figure]:
    """The figures of what was measured."""
    return [
        Figure("lost_steps", "acknowledged steps that are lost", float(outcome.lost_steps), "1", Goal("==", 0)),
        Figure("unopened", "stores that do not open", float(outcome.unopened), "1", Goal("==", 0)),
        Figure("lost_labels", "stores with an acknowledged label lost", float(outcome.lost_labels), "1", Goal("==", 0)),
        Figure("damaged", "stores that verify calls damaged", float(outcome.damaged), "1", Goal("==", 0)),
        Figure("acknowledged", "steps that were acknowledged", float(outcome.acknowledged), "1"),
        Figure("in_time", "kills before the phase was over", float(n - outcome.ended), "1"),
        Figure("n", "kills", float(n), "1"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("kill", __doc__, "six kills")
    parser.add_argument("--n", type=int, default=1000, help="kills (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    args = parser.parse_args(words)
    if not hasattr(os, "fork"):
        print("benchmarks.kill: it needs a system that can fork (Linux, macOS).", file=sys.stderr)
        return 1
    n = len(PHASES) if args.quick else args.n
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT, prefix="kill-") as folder:
        longest = durations(Path(folder))
        kills = Kills(Path(folder), args.seed)
        for number in range(n):
            phase = PHASES[number % len(PHASES)]
            kills.one(phase, longest[phase])
            if number % 50 == 49:
                print(f"\r{number + 1} of {n} kills", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    outcome = kills.outcome
    notes = [f"kills in {', '.join(f'{phase} {count}' for phase, count in outcome.phases.items())}"]
    notes += [f"{phase} takes {1e3 * took:.0f} ms" for phase, took in longest.items()]
    report("kill", f"Killed while recording. {options.machine()}", figures_of(outcome, n), notes + outcome.words[:20])
    return 0


if __name__ == "__main__":
    sys.exit(main())
