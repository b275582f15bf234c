"""A replay under way: which branch becomes which, and whether they still agree bit for bit."""

from dataclasses import dataclass, replace

from core.events import Message
from core.step import Node
from core.step_request import Codec, same_place


@dataclass(frozen=True, slots=True)
class Playback:
    """The branch that is replayed and the one that it becomes."""

    original: int
    copy: int
    differs_at: int | None = None
    """First node that is not the same bit for bit."""


def compared(playback: Playback, codec: Codec, index: int, original: Node, copy: Node) -> Playback:
    """The playback after its node ``index``, held against the original's."""
    if playback.differs_at is not None or same_place(codec, original, copy):
        return playback
    return replace(playback, differs_at=index)


def verdict(playback: Playback, steps: int) -> Message:
    """How it went, for the user."""
    words = f"Branch {playback.copy} replays branch {playback.original}"
    if playback.differs_at is None:
        return Message("info", f"{words} bit for bit ({steps} steps).")
    return Message(
        "warning",
        f"{words} but differs from node {playback.differs_at} on: the world or its arithmetic is not the one that "
        "recorded it.",
    )
