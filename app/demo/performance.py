"""One performance: open the application, play the story, close it, open what it recorded, summarise."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.application import Application
from app.config import Config
from app.demo.stage_hand import DemoFailed, StageHand
from app.demo.story import Told, operators_of, play
from app.settings import WindowSettings


def perform(config: Config, pictures: Path, tell: Callable[[str], None]) -> dict[str, object]:
    """Play everything; the summary, plain values only."""
    began = time.monotonic()
    for old in pictures.glob("[0-9][0-9]-*.png"):
        old.unlink()
    studio = open_studio(config, pictures)
    hand = StageHand(studio, pictures, tell)
    try:
        tell("Opening the studio.")
        failed: list[str] = []
        studio.opening_failed.connect(failed.append)
        studio.start()
        hand.until(lambda: studio.status is not None or bool(failed), "the first imagined frame", 60.0)
        if failed:
            raise DemoFailed(failed[0])
        opened = studio.opened
        if opened is None:
            raise DemoFailed("The application shows a status but has no session.")
        told = play(hand, operators_of(opened.parts.task.name))
        summary = summarise(studio, told, hand)
    finally:
        studio.dispose()
    summary["seconds"] = round(time.monotonic() - began, 1)
    return summary


def open_studio(config: Config, pictures: Path) -> Application:
    """An application whose window fills the screen and that remembers nothing of the user's own."""
    pictures.mkdir(parents=True, exist_ok=True)
    settings = pictures / "window.ini"
    settings.unlink(missing_ok=True)
    studio = Application(replace(config), WindowSettings(settings))
    studio.window.move(0, 0)
    return studio


def summarise(studio: Application, told: Told, hand: StageHand) -> dict[str, object]:
    """What is in the session."""
    opened = studio.opened
    branches = studio.tree.branches
    return {
        "world": opened.parts.world.spec.identity.to_dict() if opened is not None else None,
        "policy": opened.parts.policy.spec.identity.to_dict() if opened is not None else None,
        "scenes_tried": told.scenes_tried,
        "failure": told.failure_reason,
        "corrections": [
            {"branch": b, "outcome": branches[b].outcome, "steps": studio.length(b) - branches[b].fork_step}
            for b in told.corrections
        ],
        "replayed_exactly": told.replayed_exactly,
        "branches": len(branches),
        "session": str(opened.folder) if opened is not None else None,
        "pictures": hand.saved,
    }
