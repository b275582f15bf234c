"""Carries out one job of the study; what an interrupted one had reached is gone on with."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.errors import BadConfig
from models.datasets.provenance import command, commit
from models.evaluation.attempts import Attempt
from models.evaluation.rollout import FIRST_SEED, RolloutConfig, roll_out
from models.policies.chunks.checkpoint import policy_kind
from models.post_training.config import PostTrainConfig
from models.post_training.train import post_train
from models.study.cells import CELLS, Cell
from models.study.config import StudyConfig
from models.study.plan import Job
from models.study.results import Result, path_of, read_result, write_result
from models.study.volume import made, make_volume, read_volume, session_of
from models.training.policy.backbone import read_base
from models.training.policy.log import Progress

BLOCK = 50
"""Attempts after which an evaluation is saved."""
BATCH = 25
"""Attempts that are stepped abreast."""
Say = Callable[[str], None]


def carry_out(config: StudyConfig, job: Job, say: Say) -> None:
    """Do what is missing of a job, and save its result.

    Raises:
        StudioError: data or weights that cannot be used.
    """
    if job.cell == "corrections":
        if not made(config, job.backbone):
            make_volume(config, job.backbone, config.backbones[job.backbone], say)
        return
    path = path_of(config.out, job.name)
    result = read_result(path) if path.exists() else Result(job.backbone, job.cell, job.seed)
    result = replace(result, command=command(), commit=commit())
    if job.backbone == "also":
        result = _with_weights(result, config.also[job.cell])
    else:
        result = _trained(config, job, result, say)
    write_result(config.out, result)
    for world in ("reference", "world"):
        result = _evaluated(config, result, world, say)


def _trained(config: StudyConfig, job: Job, result: Result, say: Say) -> Result:
    """With the weights of the cell."""
    cell, base = CELLS[job.cell], config.backbones[job.backbone]
    if not cell.trained:
        return _with_weights(result, base)
    if result.training:
        return result
    losses: dict[str, float] = {}

    def report(progress: Progress) -> None:
        if progress.event == "losses":
            losses.update(progress.figures)
        if progress.event == "validation" or progress.step % 500 == 0:
            say(progress.words())

    began = time.monotonic()
    weights = post_train(post_training(config, job, cell, base), say, report, typed=command())
    assert weights is not None  # nothing stops it but a signal
    taken = time.monotonic() - began
    training = {"steps": config.steps, "rate": config.rate, "losses": losses, "share": cell.share}
    return replace(_with_weights(result, weights), training=training).spent("training", taken)


def post_training(config: StudyConfig, job: Job, cell: Cell, base: Path) -> PostTrainConfig:
    """The post-training of a cell: the same steps from the same weights in every one, at equal volume."""
    session: tuple[Path, ...] = ()
    most = own = None
    if cell.needs_sessions or cell.extra_share:
        volume = read_volume(config.out, job.backbone)
        session = (session_of(config.out, job.backbone),)
        most = volume.correction_rows
        own = volume.own_rows_for(cell.own_share)
    return PostTrainConfig(
        base=base,
        out=config.out / job.backbone / f"{job.cell}-{job.seed}",
        demos=config.demos,
        demo_episodes=config.demo_episodes,
        sessions=session if cell.share else (),
        own_successes=session if cell.own_share else (),
        extra_demos=config.extra_demos if cell.extra_share else (),
        share=cell.share,
        own_share=cell.own_share,
        extra_share=cell.extra_share,
        most_rows=most,
        own_rows=own,
        steps=config.steps,
        rate=config.rate,
        every=max(1, config.steps // 5),
        seed=job.seed,
        batch=config.batch,
        cache=config.out / "cache",
    )


def _with_weights(result: Result, weights: Path) -> Result:
    """With the identity of its weights.

    Raises:
        BadConfig: it holds attempts of other ones.
    """
    sha256 = read_base(weights).sha256
    if result.sha256 not in ("", sha256):
        raise BadConfig(
            f"The study holds the result of {result.name} with other weights ({result.sha256[:12]}) than {weights} has "
            f"now ({sha256[:12]}). Name a new folder with --out."
        )
    return replace(result, weights=str(weights), sha256=sha256)


def _evaluated(config: StudyConfig, result: Result, world: str, say: Say) -> Result:
    """With all attempts in one of the two worlds, saved block by block."""
    first, total = seeds_of(config, world)
    while len(done := getattr(result, world)) < total:
        began, count = time.monotonic(), min(BLOCK, total - len(done))
        rollout = RolloutConfig(
            world=config.reference if world == "reference" else config.world,
            policy=policy_kind(Path(result.weights)),
            task=config.task,
            weights=Path(result.weights),
            world_weights=config.world_weights if world == "world" else None,
            first_seed=first + len(done),
            attempts=count,
            batch=min(BATCH, count),
            max_steps=config.max_steps,
        )
        attempts: tuple[Attempt, ...] = (*done, *roll_out(rollout))
        result = replace(result, **{world: attempts}).spent(world, time.monotonic() - began)  # type: ignore[arg-type]
        write_result(config.out, result)
        solved = sum(attempt.success for attempt in attempts)
        say(f"{result.name} in the {world}: {solved} of {len(attempts)} solved, {total - len(attempts)} to go")
    return result


def seeds_of(config: StudyConfig, world: str) -> tuple[int, int]:
    """First seed and number of attempts; in the learned world scenes on which nothing was corrected."""
    if world == "reference":
        return (FIRST_SEED if config.reference == "reference" else 0), config.attempts
    return config.scenes, config.world_attempts
