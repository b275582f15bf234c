"""The session folder of a running application: made, continued, and let go of in order."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.config import AUTO, Config
from app.parts import LEARNED
from app.timeline_tracks import CODES, UNKNOWN
from core.branch_tree import Branch, BranchTree
from core.errors import StudioError
from core.events import Message
from core.recorder import Recorder
from core.settings import Settings
from core.step import SOURCES
from core.store.archive import StoreArchive, open_archive

log = logging.getLogger(__name__)

PICTURES = 12
"""Thumbnails that are read of each branch of a continued session."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """What the timeline shows of one recorded branch."""

    branch: int
    source: NDArray[np.uint8]
    """(N,) of its steps, codes of app.timeline_tracks."""
    trust: NDArray[np.float32]
    progress: NDArray[np.float32]
    pictures: tuple[tuple[int, NDArray[np.uint8]], ...]
    """(node, frame of the first camera)."""


def made_by(config: Config) -> Config:
    """A configuration that continues a session with the world and policy that made it, where none was named.

    Raises:
        BadStore: the folder is not a session.
    """
    if config.session is None:
        return config
    info = open_archive(config.session).info()
    if info is None:
        return config
    world = str(dict(info["world"])["name"]) if config.world == AUTO else config.world  # type: ignore[call-overload]
    policy = str(dict(info["policy"])["name"]) if config.policy == AUTO else config.policy  # type: ignore[call-overload]
    keeps_weights = config.world != AUTO or world == LEARNED
    return replace(config, world=world, policy=policy, world_weights=config.world_weights if keeps_weights else None)


def settings_of(config: Config, archive: StoreArchive | None) -> Settings:
    """What the operator set when the session was last open; else what the configuration says."""
    known = {} if archive is None else archive.settings
    return Settings(
        speed=float(known.get("speed", config.speed)),
        freeze_on_idle=bool(known.get("freeze_on_idle", False)),
        device=config.device,
    )


def strips(archive: StoreArchive) -> list[Strip]:
    """Everything that the timeline shows of a recorded session."""
    tree, camera = archive.tree(), first_camera(archive)
    return [_strip(archive, tree, branch, camera) for branch in tree.branches.values() if steps_of(branch)]


def steps_of(branch: Branch) -> int:
    """Steps that a branch owns."""
    return branch.length - branch.fork_step


def first_camera(archive: StoreArchive) -> str | None:
    """The camera whose pictures the timeline shows; None in an empty session."""
    head = archive.head()
    return next(iter(archive.node(head.branch, head.index).observation.frames), None) if head is not None else None


def _strip(archive: StoreArchive, tree: BranchTree, branch: Branch, camera: str | None) -> Strip:
    skip = 1 if branch.parent is None else 0  # a trunk owns the start, which no step led to
    codes = np.array([*(CODES[source] for source in SOURCES), UNKNOWN], np.uint8)
    source = np.minimum(archive.column("source", branch.id)[skip:].astype(np.int64), len(SOURCES))
    nodes = np.unique(np.linspace(branch.fork_step + 1 - skip, branch.length, PICTURES).astype(int))
    pictures = [] if camera is None else [(int(n), archive.frame(branch.id, int(n), camera)) for n in nodes]
    return Strip(
        branch.id,
        codes[source],
        archive.column("trust", branch.id)[skip:].astype(np.float32),
        archive.column("progress", branch.id)[skip:].astype(np.float32),
        tuple(pictures),
    )


def new_folder(config: Config) -> Path | None:
    """Where a new session goes; None where nothing is recorded."""
    if config.sessions is None:
        return None
    name = time.strftime("%Y-%m-%d_%H-%M-%S")
    taken = sum(1 for _ in config.sessions.glob(f"{name}*")) if config.sessions.is_dir() else 0
    return config.sessions / (f"{name}-{taken + 1}" if taken else name)


def let_go(recorder: Recorder, *, new: bool, tell: Callable[[Message], None]) -> None:
    """Write everything and close; a new session in which nothing happened leaves no folder behind."""
    try:
        recorder.close()
    except StudioError as error:
        log.error("closing the session: %s", error)
        tell(Message("error", str(error)))
        recorder.abandon()
        return
    if new and recorder.recorded == 0:
        shutil.rmtree(recorder.archive.folder, ignore_errors=True)
