"""Carries an export out: plan, episode after episode, finish, put in place. Interrupted, it is gone on with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.errors import BadConfig, StudioError
from models import TASKS
from models.datasets.export.codec import CODECS, MEANING
from models.datasets.export.options import FORMATS, ExportOptions
from models.datasets.export.plan import Plan, planned
from models.datasets.export.rows import COLUMNS, Rows, Tick, rows_of
from models.datasets.export.source import open_sessions
from models.datasets.export.target import Target


class Cancelled(StudioError):
    """The export was stopped on request; what is on disk is gone on with next time."""


class Writer(Protocol):
    """One format. Whatever it wrote of an episode before it was killed, it writes over."""

    def write(self, number: int, start: int, rows: Rows, tick: Tick) -> None:
        """Put an episode on disk: the number-th, whose first row is row ``start`` of the data set."""

    def finish(self) -> None:
        """Make the whole readable; all episodes are there. May be done again: it leaves its parts as they are."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is."""

    episodes: int
    """On disk."""
    of_episodes: int
    steps: int
    """Written, of this run and earlier ones."""
    of_steps: int
    finishing: bool = False
    """All episodes are there; the whole is being put together."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export became."""

    out: Path
    format: str
    episodes: int
    steps: int
    interventions: int
    """Steps that the operator drove."""
    resumed: int
    """Episodes that an earlier run had written."""


def make_plan(options: ExportOptions) -> Plan:
    """Open the sessions and choose the episodes; writes nothing.

    Raises:
        StudioError: sessions that cannot be read or do not fit together, or nothing to export.
    """
    inside = next((s for s in options.sessions if s.resolve() in options.out.resolve().parents), None)
    if inside is not None:
        raise BadConfig(f"{options.out} lies in the session {inside}. Name a folder beside it.")
    if not options.out.name:
        raise BadConfig(f"{options.out} cannot become an export. Name a new folder in it.")
    sessions = open_sessions(options.sessions)
    plan = planned(options, sessions, options.task or _title(sessions[0].shape.task))
    if options.format == "lerobot":
        from models.datasets.export.lerobot import check

        check(plan)
    return plan


def export(
    options: ExportOptions,
    overwrite: bool = False,
    say: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Exported:
    """Write an export.

    Args:
        options: What, from where, to where.
        overwrite: Whether a finished export at its place may be replaced.
        say: Called with the progress after each episode and now and then in between.
        cancelled: Called after each picture.

    Raises:
        Cancelled: cancelled() returned True.
        StudioError: nothing to export, sessions that do not fit, or something else is in the way.
        OSError: writing failed; what was written is kept and can be resumed.
    """
    plan = make_plan(options)
    with Target(options.out, manifest(plan), overwrite) as target:
        resumed = target.done()
        writer, meter = _writer(plan, target.folder), _Meter(plan, resumed, say, cancelled)
        meter.tell()
        for number, (episode, start) in enumerate(zip(plan.episodes, plan.starts(), strict=True)):
            if number < resumed:
                continue
            writer.write(number, start, rows_of(plan, episode), meter.tick)
            target.tell(episode.lineage)
            meter.wrote(number + 1)
        meter.finish()
        if not target.finished:
            writer.finish()
        target.publish()
    interventions = sum(episode.lineage["interventions"] for episode in plan.episodes)
    return Exported(options.out, FORMATS[options.format], len(plan.episodes), plan.steps, interventions, resumed)


def manifest(plan: Plan) -> dict[str, Any]:
    """What is written beside the data: the options of the export and the meaning of the columns."""
    shape = plan.shape
    return {
        "format": plan.options.format,
        "written_by": "hi-wm-studio",
        "fingerprint": plan.fingerprint(),
        "choice": plan.options.choice(),
        "sessions": [str(folder) for folder in plan.options.sessions],
        "task": plan.task,
        "fps": shape.fps,
        "cameras": [{"name": name, "height": height, "width": width} for name, height, width in shape.cameras],
        "world": shape.world,
        "action_codec": {"name": CODECS[plan.options.codec], "meaning": MEANING[plan.options.codec]},
        "columns": {c.name: {"dtype": c.dtype, "shape": list(c.shape), "meaning": c.meaning} for c in COLUMNS},
        "episodes": len(plan.episodes),
        "steps": plan.steps,
    }


class _Meter:
    """Counts steps and asks whether to go on."""

    def __init__(self, plan: Plan, done: int, say: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
        self._plan, self._say, self._cancelled = plan, say, cancelled
        self._cameras = max(1, len(plan.shape.cameras) * (2 if plan.options.next_obs else 1))
        self._episodes, self._pictures = done, 0
        self._before = sum(episode.length for episode in plan.episodes[:done])
        self._told = 0.0

    def tick(self) -> None:
        """One more picture."""
        if self._cancelled():
            raise Cancelled(
                f"The export was stopped after {self._episodes} of {len(self._plan.episodes)} episodes. "
                "The same export goes on from there."
            )
        self._pictures += 1
        if time.monotonic() - self._told > 0.2:
            self.tell()

    def wrote(self, episodes: int) -> None:
        """One more episode is on disk."""
        self._before += self._plan.episodes[self._episodes].length
        self._episodes, self._pictures = episodes, 0
        self.tell()

    def finish(self) -> None:
        """All episodes are on disk."""
        self.tell(finishing=True)

    def tell(self, finishing: bool = False) -> None:
        """Say how far it is."""
        self._told = time.monotonic()
        plan, steps = self._plan, self._before + self._pictures // self._cameras
        self._say(Progress(self._episodes, len(plan.episodes), steps, plan.steps, finishing))


def _writer(plan: Plan, folder: Path) -> Writer:
    """The writer of a format; its library is imported now."""
    match plan.options.format:
        case "diffusion-policy":
            from models.datasets.export.diffusion_policy import ReplayBufferWriter

            return ReplayBufferWriter(plan, folder)
        case "lerobot":
            from models.datasets.export.lerobot import LeRobotWriter

            return LeRobotWriter(plan, folder)
        case "robomimic":
            from models.datasets.export.robomimic import RobomimicWriter

            return RobomimicWriter(plan, folder)


def _title(task: str) -> str:
    """The title of a task that this program knows; its name otherwise."""
    return str(TASKS.load(task)().title) if task in tuple(TASKS) else task
