"""The corrections of a base and its own successes: one session, made once, and how much it holds."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.errors import BadStore
from core.store.archive import open_archive
from models.policies.chunks.checkpoint import policy_kind
from models.post_training.config import CORRECTION_SHARE
from models.post_training.correct_command import CorrectConfig, make_corrections, tally_of, words
from models.post_training.corrector import CorrectionPlan
from models.study.cells import CELLS
from models.study.config import StudyConfig, read_json, write_json

MOST_ATTEMPTS = 12
"""Attempts of the policy for each correction that is wanted, at most."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What the session of a base holds."""

    attempts: int
    successes: int
    corrections: int
    """Accepted ones."""
    given_up: int
    correction_rows: int
    """Steps of the operator in accepted corrections."""
    own_rows: int
    """Steps of attempts that the policy solved itself."""
    seconds: float

    def own_rows_for(self, own_share: float) -> int:
        """Rows of own successes that a share of a batch needs, in proportion to the corrections and their share."""
        return round(self.correction_rows * own_share / CORRECTION_SHARE)


def session_of(out: Path, backbone: str) -> Path:
    """The folder of the session."""
    return out / backbone / "session"


def volume_path(out: Path, backbone: str) -> Path:
    """The file that says that the session is finished, and what it holds."""
    return out / backbone / "corrections.json"


def read_volume(out: Path, backbone: str) -> Volume:
    """What the session of a base holds.

    Raises:
        BadStore: it is not finished, or its file is torn.
    """
    path = volume_path(out, backbone)
    if not path.exists():
        raise BadStore(
            f"The corrections of the {backbone} base are not made yet. Run the job {backbone}/corrections/0."
        )
    try:
        return Volume(**read_json(path))
    except TypeError as error:
        raise BadStore(f"{path} cannot be read ({error}). Delete it; the study makes it again.") from error


def made(config: StudyConfig, backbone: str) -> bool:
    """Whether the job of a base's corrections has nothing left to do. Raises BadStore where its file is torn."""
    return volume_path(config.out, backbone).exists() and enough(config, read_volume(config.out, backbone))


def enough(config: StudyConfig, held: Volume) -> bool:
    """Whether a session holds what the cells of a study need, or as many attempts as are worth it."""
    if held.attempts >= MOST_ATTEMPTS * config.corrections or not held.successes:
        return True
    return held.own_rows >= held.own_rows_for(max(CELLS[name].own_share for name in config.cells))


def make_volume(config: StudyConfig, backbone: str, base: Path, say: Callable[[str], None]) -> Volume:
    """Corrections, and as many own successes as the cells of the study need.

    Raises:
        StudioError: see models.post_training.correct_command.make_corrections.
    """
    began, folder = time.monotonic(), session_of(config.out, backbone)
    first = CorrectConfig(
        folder, config.world, policy_kind(base), config.task, base, config.world_weights, config.corrections,
        attempts=MOST_ATTEMPTS * config.corrections, scenes=config.scenes, plan=CorrectionPlan(),
    )  # fmt: skip
    make_corrections(first, lambda tally: say(words(tally)))
    held = _held(folder)
    wanted = held.own_rows_for(max(CELLS[name].own_share for name in config.cells))
    while not enough(config, held):
        rows_each = held.own_rows / held.successes
        more = max(1, round((wanted - held.own_rows) / rows_each))
        make_corrections(replace(first, successes=held.successes + more), lambda tally: say(words(tally)))
        held = _held(folder)
    before = read_volume(config.out, backbone).seconds if volume_path(config.out, backbone).exists() else 0.0
    found = _held(folder, round(before + time.monotonic() - began, 1))
    write_json(volume_path(config.out, backbone), asdict(found))
    return found


def _held(folder: Path, seconds: float = 0.0) -> Volume:
    tree = open_archive(folder).tree()
    tally, branches = tally_of(tree), [branch for branch in tree.branches.values() if not branch.discarded]
    corrected = sum(b.length - b.fork_step for b in branches if b.kind == "correction" and b.review == "accepted")
    own = sum(b.length for b in branches if b.parent is None and b.outcome == "success")
    return Volume(tally.attempts, tally.successes, tally.corrections, tally.given_up, corrected, own, seconds)
