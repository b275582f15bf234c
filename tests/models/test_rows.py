"""A world, a policy and a task are added by one row each."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

import main
import models
from app.opening.config import Config
from app.opening.loading import load_parts
from core.errors import BadConfig, UnknownName
from models import POLICIES, TASKS, WORLDS
from models.kinds import PolicyKind, TaskKind, WorldKind
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld


@pytest.fixture
def sorting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A task "sorting" with a world, a policy, an operator and a data engine; what its parts were called with."""
    called: list[object] = []
    parts = ModuleType("models.sorting_of_a_test")
    parts.__dict__.update(
        world=lambda weights: called.append(weights) or ToyWorld(),
        policy=ToyPolicy,
        task=lambda workcell: ToyTask(),
        operator=lambda style="": f"operator {style}",
        add_arguments=lambda parser: parser.add_argument("--episodes", type=int),
        run=lambda args: called.append((args.task, args.episodes)) or 0,
    )
    monkeypatch.setitem(sys.modules, parts.__name__, parts)
    monkeypatch.setitem(WORLDS.rows, "rigid", WorldKind(f"{parts.__name__}:world", weights=True))
    monkeypatch.setitem(POLICIES.rows, "quick", PolicyKind(f"{parts.__name__}:policy"))
    row = TaskKind(
        load=f"{parts.__name__}:task",
        operator=f"{parts.__name__}:operator",
        worlds=("rigid",),
        policies=("quick",),
        weights={"rigid": "worlds/sorting.safetensors"},
        commands={"collect": parts.__name__},
    )
    monkeypatch.setitem(TASKS.rows, "sorting", row)
    monkeypatch.setitem(TASKS.rows, "toy", row)  # the name that its world and policy say
    return called


def test_run_opens_the_world_and_policy_of_the_row(sorting: list[object]) -> None:
    opened = load_parts(Config(task="toy"), lambda words: None)
    assert (opened.world.spec.identity.name, opened.policy.spec.identity.name) == ("toy", "toy")
    assert sorting == [models.ASSETS / "worlds/sorting.safetensors"]
    assert opened.world_why == opened.policy_why == ""


def test_a_weights_file_replaces_the_shipped_one(sorting: list[object]) -> None:
    load_parts(Config(task="toy", world_weights=Path("mine.safetensors")), lambda words: None)
    assert sorting == [Path("mine.safetensors")]


def test_the_operator_is_the_one_of_the_row(sorting: list[object]) -> None:
    assert models.load_operator("sorting")("slow") == "operator slow"


def test_its_data_engine_runs_by_task(sorting: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["collect", "--task", "sorting", "--episodes", "3"]) == 0
    assert sorting == [("sorting", 3)]
    with pytest.raises(SystemExit):
        main.main(["demonstrate", "--task", "sorting"])
    assert "push_t" in capsys.readouterr().err


def test_what_a_row_lacks_is_refused_in_words(sorting: list[object]) -> None:
    with pytest.raises(BadConfig, match=r"does not show the task 'sorting'\. It shows: push_t"):
        models.load_objects("sorting")
    with pytest.raises(BadConfig, match="No weights of 'transport' ship with the task 'sorting'"):
        models.load_world("transport", "sorting")
    with pytest.raises(UnknownName, match="Did you mean 'sorting'"):
        models.load_world("rigid", "sortin")


def test_a_world_of_another_task_is_refused() -> None:
    with pytest.raises(BadConfig, match="shows the task 'toy', not 'push_t'"):
        load_parts(Config(task="push_t", world="toy"), lambda words: None)
