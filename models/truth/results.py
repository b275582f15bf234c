"""The checks of a session, kept in one JSON file beside its folder: NAME.truth.json, replaced as a whole."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from core.errors import BadStore
from core.regular_files import read_json
from models.truth.check import Check

VERSION: Final = 1


def path_of(session: Path) -> Path:
    """Where the checks of a session are kept."""
    session = session.resolve()
    return session.with_name(session.name + ".truth.json")


def write_checks(session: Path, reference: Mapping[str, Any], checks: Mapping[int, Check]) -> None:
    """Replace the checks of a session.

    Raises:
        OSError: the disk refuses it; the old ones are still there.
    """
    path = path_of(session)
    branches = [asdict(check) | {"agrees": check.agrees} for _, check in sorted(checks.items())]
    partial = path.with_name(path.name + ".partial")
    with partial.open("w") as file:
        json.dump({"version": VERSION, "reference": dict(reference), "branches": branches}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_checks(session: Path) -> dict[int, Check]:
    """Branch -> its newest check; empty where there are none.

    Raises:
        BadStore: the file is torn or of another version.
    """
    path = path_of(session)
    if not path.exists():
        return {}
    try:
        content = read_json(path)
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']!r}")
        checks = [_check(values) for values in content["branches"]]
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise BadStore(
            f"The checks in {path} cannot be read: {error!r}. Remove the file and run main.py truth-check {session}."
        ) from error
    return {check.branch: check for check in checks}


def _check(values: Mapping[str, Any]) -> Check:
    def step(name: str) -> int | None:
        return None if values[name] is None else int(values[name])

    return Check(
        branch=int(values["branch"]),
        steps=int(values["steps"]),
        recorded_at=step("recorded_at"),
        true_at=step("true_at"),
        true_at_end=bool(values["true_at_end"]),
        diverged_at=step("diverged_at"),
        end_cm=float(values["end_cm"]),
        end_deg=float(values["end_deg"]),
        worst_cm=float(values["worst_cm"]),
        worst_deg=float(values["worst_deg"]),
    )
