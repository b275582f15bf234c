"""Whether recorded data fit a policy: the same task, robot, rate and cameras; every difference in words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadStore
from core.workcell import Workcell
from models.datasets.dataset_parts import set_info
from models.datasets.export.source import RecordedSession
from models.policies.chunks.checkpoint import card_workcell
from models.policies.chunks.config import ChunkConfig

_NAMES = {
    "codec": "action codecs",
    "dt": "control steps (seconds)",
    "limits": "action limits",
    "home": "home poses",
    "arms": "arms",
}
"""Field of core.workcell.Workcell.to_dict() -> how users call it. Table and reach change nothing that is learned."""


@dataclass(frozen=True, slots=True, eq=False)
class PolicyData:
    """What a policy was trained on, which everything that trains it further must match."""

    task: str
    workcell: Workcell
    cameras: tuple[str, ...]
    """Views that it sees."""
    name: str
    """For messages."""


def policy_data(weights: Path, config: ChunkConfig) -> PolicyData:
    """What the policy of a weights file was trained on.

    Raises:
        BadCheckpoint: its card is missing or damaged.
    """
    return PolicyData(config.task, card_workcell(weights), config.cameras, weights.name)


def require_session(session: RecordedSession, policy: PolicyData) -> None:
    """Refuse a session that another policy could learn from, but not this one.

    Raises:
        BadStore: in which way it differs.
    """
    _require(f"The session {session.folder}", session.shape.task, session.workcell, policy)


def require_set(folders: tuple[Path, ...], policy: PolicyData) -> None:
    """Refuse demonstrations that do not fit. Raises as require_session does."""
    found = set_info(folders)
    _require(f"The demonstrations in {', '.join(map(str, folders))}", found.task, found.workcell, policy)


def _require(what: str, task: str, workcell: Workcell, policy: PolicyData) -> None:
    words = difference(task, workcell, policy)
    if words:
        raise BadStore(
            f"{what} cannot train the policy {policy.name}: {words}. Leave them out, or name a policy of the same "
            "task and workcell with --base."
        )


def difference(task: str, workcell: Workcell, policy: PolicyData) -> str:
    """In which way data differ from what a policy was trained on; "" where they do not."""
    if task != policy.task:
        return f"their task is {task!r}, the policy's is {policy.task!r}"
    theirs, ours = workcell.to_dict(), policy.workcell.to_dict()
    for key, words in _NAMES.items():
        if theirs[key] != ours[key]:
            return f"their {words} differ, {_short(theirs[key])} and the policy's {_short(ours[key])}"
    cameras = {camera.name: camera for camera in workcell.cameras}
    for name in policy.cameras:
        wanted = policy.workcell.camera(name)
        if name not in cameras:
            return f"they have no camera {name!r}, which the policy sees"
        if cameras[name].to_dict() != wanted.to_dict():
            return f"their camera {name!r} is another one ({_camera(cameras[name])}; the policy's {_camera(wanted)})"
    return ""


def _camera(camera: Any) -> str:
    return f"{camera.width} x {camera.height}{'' if camera.calibrated else ', uncalibrated'}"


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
