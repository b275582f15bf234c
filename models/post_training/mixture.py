"""The sources of a post-training: demonstrations of the base, corrections, own successes, further demonstrations."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadStore
from models.post_training.config import PostTrainConfig
from models.post_training.fit import PolicyData, require_set
from models.post_training.options import OWN_SUCCESSES, Weights
from models.post_training.recorded import RecordedRows, Views, fingerprint, read_rows
from models.training.policy.backbone import Base
from models.training.policy.mixture import Source
from models.training.policy.reading import read_windows
from models.training.policy.windows import Windows

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """What is trained on, and where it comes from."""

    sources: tuple[Source, ...]
    validation: Windows
    """Held-out episodes of the demonstrations."""
    lineage: dict[str, Any]
    """For the card: per source share, rows and origin."""


def mixture(config: PostTrainConfig, base: Base, policy: PolicyData, say: Say) -> Mixture:
    """Read everything.

    Raises:
        StudioError: data that are missing, torn, still being recorded or of another robot; a source that is empty.
    """
    shares, views = config.shares, Views(base.config.cameras, base.config.image_size)
    sources: list[Source] = []
    lineage: dict[str, Any] = {}

    def add(source: Source, **origin: Any) -> None:
        sources.append(source)
        rows = len(source.data) if source.rows is None else len(source.rows)
        lineage[source.name] = {"share": source.share, "rows": rows, **origin}
        say(f"{source.name}: {rows} steps, {source.share:.0%} of every batch")

    if "demonstrations" in shares:
        add(
            Source("demonstrations", _demos(config, base, policy, "train"), shares["demonstrations"]),
            folders=_names(config.demos),
            episodes=config.demo_episodes or "all",
        )
    if "corrections" in shares:
        rows = read_rows(config.sessions, policy, views, config.selection, config.weights, most=config.most_rows)
        add(_recorded("corrections", rows, shares), **_origin(rows))
    if "own successes" in shares:
        rows = read_rows(
            config.own_successes, policy, views, OWN_SUCCESSES, Weights(), "own successes", config.own_rows
        )
        add(_recorded("own successes", rows, shares), **_origin(rows))
    if "further demonstrations" in shares:
        further = _further(config, base, policy)
        add(
            Source("further demonstrations", further, shares["further demonstrations"]),
            folders=_names(config.extra_demos),
        )
    return Mixture(tuple(sources), _demos(config, base, policy, "validation"), lineage)


def _demos(config: PostTrainConfig, base: Base, policy: PolicyData, split: str) -> Windows:
    require_set(config.demos, policy)
    most = config.demo_episodes if split == "train" else None
    return read_windows(config.demos, base.config, split, most=most, cache=_cache(config))


def _further(config: PostTrainConfig, base: Base, policy: PolicyData) -> Windows:
    """Demonstrations that the base has not seen, at most about as many rows as are wanted.

    Raises:
        BadStore: all of them were seen.
    """
    require_set(config.extra_demos, policy)
    known = {folder.resolve() for folder in config.demos}
    twice = any(folder.resolve() in known for folder in config.extra_demos)
    if twice and config.demo_episodes is None:
        raise BadStore(
            "Further demonstrations must be new to the base, and these are all among its own (--demos). Record others "
            "with `main.py demonstrate`, or say with --demo-episodes how many of them the base was trained on."
        )
    found = read_windows(
        config.extra_demos, base.config, "train", most=config.demo_episodes if twice else None, cache=_cache(config),
        left_out=twice,
    )  # fmt: skip
    if config.most_rows is None or len(found) <= config.most_rows:
        return found
    return found.head(int(found.last[config.most_rows - 1]) + 1)


def _recorded(name: str, rows: RecordedRows, shares: dict[str, float]) -> Source:
    drawn = np.flatnonzero(rows.weight > 0)
    poses = np.full((len(rows), 4), np.nan, np.float32)
    data = Windows(rows.frames, rows.states, rows.actions, rows.first, rows.last, poses, len(rows.branches))
    return Source(name, data, shares[name], rows=drawn, weights=rows.weight[drawn], past_end="mask")


def _origin(rows: RecordedRows) -> dict[str, Any]:
    return {"fingerprint": fingerprint(rows), "branches": list(rows.branches)}


def _cache(config: PostTrainConfig) -> Path:
    return config.out / "cache" if config.cache is None else config.cache


def _names(folders: tuple[Path, ...]) -> list[str]:
    return [str(folder) for folder in folders]
