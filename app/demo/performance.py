"""One performance: open the application, play the story, close it, open what it recorded, summarise from disk."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.application import Application
from app.demo.driver import DemoDriver, DemoFailed
from app.demo.script import DemoResult, operators_of, play
from app.opening.config import Config
from app.opening.opener import Opened
from app.timeline.frame_cache import Frames
from app.window.settings import WindowSettings
from core.step import SOURCES
from core.store.archive import StoreArchive, open_archive


def perform(config: Config, pictures: Path, tell: Callable[[str], None]) -> dict[str, object]:
    """Play everything; the summary, plain values only."""
    began = time.monotonic()
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("[0-9][0-9]-*.png"):
        old.unlink()
    studio = open_studio(config, pictures)
    hand = DemoDriver(studio, pictures, tell)
    try:
        tell("Opening the studio.")
        opened = wait_for_session(studio, hand, studio.start)
        if why := studio.session.acknowledge_stand_in():
            tell(why)
        result = play(hand, operators_of(opened.parts.task.name))
        summary = summarise(opened, result, hand)
        if opened.folder is not None:
            summary |= reopen(studio, hand, opened.folder, studio.timeline.frames.all())
    finally:
        studio.dispose()
    return {**summary, "pictures": hand.saved, "seconds": round(time.monotonic() - began, 1)}


def open_studio(config: Config, pictures: Path) -> Application:
    """An application whose window fills the screen and that remembers nothing of the user's own."""
    settings = pictures / "window.ini"
    settings.unlink(missing_ok=True)
    studio = Application(config, WindowSettings(settings))
    studio.window.move(0, 0)
    return studio


def wait_for_session(studio: Application, hand: DemoDriver, begin: Callable[[], None]) -> Opened:
    """Begin to open, and wait for the first status.

    Raises:
        DemoFailed: it cannot be opened; with the application's own words.
    """
    failed: list[str] = []
    studio.switcher.failed.connect(failed.append)
    begin()
    hand.until(lambda: studio.session.status is not None or bool(failed), "the first imagined frame", 120.0)
    if failed or studio.session.opened is None:
        raise DemoFailed(failed[0] if failed else "The application shows a status but has no session.")
    return studio.session.opened


def summarise(opened: Opened, result: DemoResult, hand: DemoDriver) -> dict[str, object]:
    """What the demo saw."""
    branches, length = hand.studio.session.tree.branches, hand.studio.session.length
    good = sum(branches[b].outcome == "success" for b in result.corrections)
    return {
        "world": opened.parts.world.spec.identity.to_dict(),
        "world_note": opened.parts.world_why,
        "policy": opened.parts.policy.spec.identity.to_dict(),
        "policy_note": opened.parts.policy_why,
        "scenes_tried": result.scenes_tried,
        "failure": result.failure_reason,
        "corrections_that_succeeded": f"{good} of {len(result.corrections)}",
        "corrections": [
            {"branch": b, "outcome": branches[b].outcome, "steps": length(b) - branches[b].fork_step}
            for b in result.corrections
        ],
        "replayed_exactly": result.replayed_exactly,
    }


def reopen(
    studio: Application, hand: DemoDriver, folder: Path, seen: Mapping[tuple[int, int], Frames]
) -> dict[str, object]:
    """Close the session, read it from disk, and continue it in the window.

    Raises:
        DemoFailed: the disk does not hold what was shown.
    """
    hand.say(f"Close the session and open it again: {folder}")
    studio.switcher.close()
    archive = open_archive(folder)
    found = from_disk(archive, seen)
    wait_for_session(studio, hand, lambda: studio.switcher.open(replace(studio.switcher.config, session=folder)))
    hand.until(
        lambda: len(studio.session.tree.branches) == len(archive.tree().branches), "the tree of the reopened session"
    )
    hand.picture("reopened")
    return {"session": str(folder), "on_disk": found}


def from_disk(archive: StoreArchive, seen: Mapping[tuple[int, int], Frames]) -> dict[str, object]:
    """What a session folder holds, and whether its frames are those that were shown.

    Raises:
        DemoFailed: a frame differs.
    """
    branches = archive.tree().branches
    drivers: Counter[str] = Counter()
    for branch in branches:
        for code, count in zip(*np.unique(archive.column("source", branch), return_counts=True), strict=True):
            if 0 <= code < len(SOURCES):
                drivers[SOURCES[int(code)]] += int(count)
    for (branch, node), frames in seen.items():
        for camera, frame in frames.items():
            if not np.array_equal(archive.frame(branch, node, camera), frame):
                raise DemoFailed(
                    f"The {camera} picture of step {node} of branch {branch} is not the one that was shown."
                )
    return {
        "episodes": len({branch.episode for branch in branches.values()}),
        "branches": len(branches),
        "steps": archive.steps,
        "steps_by_driver": dict(drivers),
        "outcomes": dict(Counter(branch.outcome for branch in branches.values())),
        "frames_compared": len(seen),
    }
