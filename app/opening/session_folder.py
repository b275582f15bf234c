"""The session folder of a running application: made, continued and closed in order."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.opening.compaction import compact_later
from app.opening.config import AUTO, Config
from core.branch_tree import Branch
from core.errors import BadStore, StudioError
from core.events import Message
from core.recorder import Recorder
from core.settings import Settings
from core.step import SOURCES
from core.store.archive import StoreArchive, open_archive
from models import POLICIES, WORLDS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedBranch:
    """Columns of one recorded branch, N steps, as the timeline shows them."""

    branch: int
    source: NDArray[np.uint8]
    """(N,) indices into core.step.SOURCES; len(SOURCES) where unknown."""
    trust: NDArray[np.float32]
    progress: NDArray[np.float32]


def made_by(config: Config) -> Config:
    """A configuration that continues a session with the world and policy that made it, where none was named.

    Raises:
        BadStore: the folder is not a session, or nothing was recorded in it.
    """
    if config.session is None:
        return config
    info = open_archive(config.session).info()
    if info is None:
        raise BadStore(
            f"There is no session in {config.session}: nothing was recorded there. Name a session folder, or start "
            "without one: a new session gets a new folder."
        )
    world = str(dict(info["world"])["name"]) if config.world == AUTO else config.world  # type: ignore[call-overload]
    policy = str(dict(info["policy"])["name"]) if config.policy == AUTO else config.policy  # type: ignore[call-overload]
    keeps_weights = config.world != AUTO or WORLDS.row(world).weights
    task = config.task or str(info["task"])
    weights = config.world_weights if keeps_weights else None
    return replace(
        config, task=task, world=world, policy=policy, world_weights=weights,
        policy_weights=_weights_of(policy, config.policy_weights),
    )  # fmt: skip


def _weights_of(policy: str, weights: Path | None) -> Path | None:
    """The weights where they are those of such a policy; None where they are of another kind."""
    if weights is None or policy not in POLICIES or not POLICIES.row(policy).weights:
        return None
    from models.policies.chunks.checkpoint import policy_kind

    return weights if policy_kind(weights) == policy else None


def settings_of(config: Config, archive: StoreArchive | None) -> Settings:
    """What the operator set when the session was last open; else what the configuration says."""
    known = {} if archive is None else archive.settings
    return Settings(
        speed=float(known.get("speed", config.speed)),
        freeze_on_idle=bool(known.get("freeze_on_idle", False)),
        device=config.device,
    )


def recorded_branches(archive: StoreArchive) -> list[RecordedBranch]:
    """Columns of every branch of a session that has steps."""
    return [_columns_of(archive, branch) for branch in archive.tree().branches.values() if steps_of(branch)]


def steps_of(branch: Branch) -> int:
    """Steps that a branch owns."""
    return branch.length - branch.fork_step


def _columns_of(archive: StoreArchive, branch: Branch) -> RecordedBranch:
    skip = 1 if branch.parent is None else 0  # a trunk owns the start, which no step led to
    source = np.minimum(archive.column("source", branch.id)[skip:].astype(np.int64), len(SOURCES))
    return RecordedBranch(
        branch.id,
        source.astype(np.uint8),
        archive.column("trust", branch.id)[skip:].astype(np.float32),
        archive.column("progress", branch.id)[skip:].astype(np.float32),
    )


def new_folder(config: Config) -> Path | None:
    """Where a new session goes; None where nothing is recorded."""
    if config.sessions is None:
        return None
    name = time.strftime("%Y-%m-%d_%H-%M-%S")
    taken = sum(1 for _ in config.sessions.glob(f"{name}*")) if config.sessions.is_dir() else 0
    return config.sessions / (f"{name}-{taken + 1}" if taken else name)


def close_recorder(recorder: Recorder, *, new: bool, tell: Callable[[Message], None], compact: bool = False) -> None:
    """Write everything and close; the folder of a new session without steps is removed."""
    try:
        recorder.close()
    except StudioError as error:
        log.error("closing the session: %s", error)
        tell(Message("error", str(error)))
        recorder.abandon()
        return
    if new and recorder.recorded == 0:
        shutil.rmtree(recorder.archive.folder, ignore_errors=True)
    elif compact:
        compact_later(recorder.archive.folder, recorder.recorded)
