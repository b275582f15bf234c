"""Starts from elsewhere as a session: one episode each, with its pictures, ready to be gone on from."""

import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from app.opening.config import Config
from app.opening.loading import Parts, load_parts
from app.opening.scene_book import SceneBook
from app.opening.session_folder import made_by
from core.errors import BadStore
from core.observation import Observation
from core.recorder import Recorder
from core.session import Session
from core.verbs import NewEpisode, Rename, RollBack

Starts = Callable[[Parts, Collection[str]], Iterable[tuple[str, Observation]]]
"""Parts and the names that are there already -> names and observations of those that are not."""


def write_session(
    config: Config, folder: Path, starts: Starts, keep_unseen: bool = False, say: Callable[[int], None] = lambda _: None
) -> tuple[int, list[str]]:
    """Add a trunk for every start to the session in a folder, which is made where it is missing.

    Args:
        config: World and policy; a session that is there goes on with its own.
        folder: Of the session.
        starts: What there is to start from.
        keep_unseen: Also those in which the judge of the task sees nothing.
        say: Told how many there are.

    Returns:
        Starts in the session, and the names of those that were left out.

    Raises:
        StudioError: the world cannot start one, or the session is held by another program.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    there = folder.exists() and any(folder.iterdir())
    parts = load_parts(made_by(Config(world=config.world, session=folder)) if there else config, lambda words: None)
    recorder = Recorder(folder)
    try:
        book = SceneBook(parts.task, folder.parent / f"{folder.name}.scenes")
        archive = recorder.archive
        names = {branch.name for branch in archive.tree().branches.values()}
        count, left_out, session = len(names), [], None
        for name, seen in starts(parts, names):
            if not keep_unseen and parts.task.judge([seen])[0][0] <= 0.0:
                left_out.append(name)
                continue
            seed = book.add(seen)
            if session is None:
                session = Session(parts.world, parts.policy, book, sink=recorder, archive=archive, seed=seed)
            if count:
                session.apply(NewEpisode(seed))
            session.apply(Rename(name))
            count += 1
            say(count)
        if session is not None and not there:
            session.apply(RollBack(0, 0))  # the session opens at its first start
        if count == 0:
            raise BadStore(
                f"In none of the {len(left_out)} starts does the judge of {parts.task.title} see its object. Say which "
                "camera is which with --camera, or keep them all the same with --keep-unseen."
            )
    finally:
        recorder.close()
        if not recorder.archive.tree().branches:
            shutil.rmtree(folder, ignore_errors=True)  # nothing began in it
    return count, left_out
