"""A whole study of the toy task in seconds: tiny base, a few steps and attempts; interrupted and continued."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import main
from models.study.carry_out import carry_out
from models.study.cells import CELLS
from models.study.config import StudyConfig
from models.study.plan import Job
from models.study.results import Result, read_result, read_results
from models.study.volume import Volume, enough, read_volume
from models.tasks.toy.policy import load as toy_policy
from tests.models.post_training.toy_data import write_base, write_demos


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures and successes by the hand-written policy: the untrained one solves nothing. No curves, no niceness."""
    monkeypatch.setattr("models.post_training.correct_command.load_policy", lambda *_: toy_policy())
    monkeypatch.setattr("models.training.policy.curves.draw", lambda history, path: None)
    monkeypatch.setattr("models.datasets.export.command.lower_priority", lambda: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_base(folder / "base.safetensors")
    write_demos(folder / "demos")
    return folder


def words(folder: Path, out: Path, *more: str) -> list[str]:
    demos = str(folder / "demos")
    said = ["study", "toy", "--quick", "--base", str(folder / "base.safetensors"), "--demos", demos]
    said += ["--demo-episodes", "2", "--extra-demos", demos, "--out", str(out), "--max-steps", "6", "--steps", "8"]
    return [*said, *more]


SHARES = {
    "longer": {"demonstrations": 1.0},
    "closed_loop": {"demonstrations": 0.5, "own successes": 0.5},
    "hi_wm": {"demonstrations": 0.5, "corrections": 0.35, "own successes": 0.15},
    "control": {"demonstrations": 0.5, "own successes": 0.15, "further demonstrations": 0.35},
}


@pytest.mark.parametrize(
    "cells",
    [("base", "hi_wm"), pytest.param(("base", *SHARES), marks=pytest.mark.slow)],
    ids=["two cells", "main cells"],
)
def test_a_study_from_plan_to_report(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], cells: tuple[str, ...]
) -> None:
    out, jobs = tmp_path / "out", len(cells) + 1
    said_cells = ["--cells", *cells]
    assert main.main(words(folder, out, *said_cells, "--plan")) == 0
    said, plan = capsys.readouterr()
    assert "report.md" in said
    assert f"0 of {jobs} jobs are done" in plan
    assert not out.exists(), "a plan writes nothing"
    assert main.main(words(folder, out, *said_cells, "--only", "*/corrections/*", "*/base/*")) == 0
    assert main.main(words(folder, out, *said_cells)) == 0
    said, _ = capsys.readouterr()
    assert "is written." in said
    results = {result.cell: result for result in read_results(out)}
    assert set(results) == set(cells)
    for cell, result in results.items():
        assert (len(result.reference), len(result.world)) == (4, 2)
        assert [attempt.seed for attempt in result.reference] == [0, 1, 2, 3]
        assert [attempt.seed for attempt in result.world] == [4, 5], "nothing was corrected in these scenes"
        assert bool(result.training) == (cell != "base")
    report = (out / "report.md").read_text()
    assert all(f"| diffusion | {cell} |" in report for cell in results)
    assert "exact McNemar" in report
    assert "## Cost" in report
    assert (out / "report.png").stat().st_size > 10_000
    main.main(words(folder, out, *said_cells, "--plan"))
    assert f"{jobs} of {jobs} jobs are done; about 0 minutes" in capsys.readouterr().err
    for cell in cells[1:]:
        sources = json.loads((out / "diffusion" / f"{cell}-0" / "lineage.json").read_text())["sources"]
        assert {name: source["share"] for name, source in sources.items()} == SHARES[cell]
    volume = read_volume(out, "diffusion")
    most = max(CELLS[cell].own_share for cell in cells)
    assert volume.own_rows >= volume.correction_rows * most / 0.35 - 1, "as much as these cells need"


def test_an_interrupted_job_goes_on(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.study import carry_out as module

    config = StudyConfig(
        tmp_path, (folder / "base.safetensors",), (folder / "demos",), task="toy", steps=4, attempts=3,
        world_attempts=1, scenes=4, batch=8, max_steps=4,
    )  # fmt: skip
    monkeypatch.setattr(module, "BLOCK", 2)
    calls, roll_out, train = [], module.roll_out, module.post_train

    def interrupted(rollout: object) -> object:
        calls.append(rollout)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return roll_out(rollout)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "roll_out", interrupted)
    job = Job("diffusion", "longer", 3)
    with pytest.raises(KeyboardInterrupt):
        carry_out(config, job, lambda line: None)
    path = tmp_path / "results" / "diffusion-longer-3.json"
    assert len(read_result(path).reference) == 2
    monkeypatch.setattr(module, "post_train", lambda *_, **__: pytest.fail("it was trained already"))
    carry_out(config, job, lambda line: None)
    found = read_result(path)
    assert [attempt.seed for attempt in found.reference] == [0, 1, 2]
    assert len(found.world) == 1
    monkeypatch.setattr(module, "post_train", train)
    straight = StudyConfig(**{**{n: getattr(config, n) for n in config.__slots__}, "out": tmp_path / "straight"})
    carry_out(straight, job, lambda line: None)
    other = read_result(tmp_path / "straight" / "results" / "diffusion-longer-3.json")
    assert (other.reference, other.world) == (found.reference, found.world)


def test_attempts_of_other_weights_are_not_gone_on_with(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--only", "*/base/*", "--cells", "base", "--world-attempts", "0"]
    assert main.main(words(folder, tmp_path, *base)) == 0
    path = tmp_path / "results" / "diffusion-base-0.json"
    path.write_text(path.read_text().replace('"sha256": "', '"sha256": "ab'))
    assert main.main(words(folder, tmp_path, *base)) == 1
    said = capsys.readouterr().err
    assert "diffusion/base/0 failed: The study holds the result" in said
    assert "with other weights (ab" in said
    assert (tmp_path / "report.md").exists(), "the others went on"


def test_more_scenes_than_starts_are_refused_before_anything_runs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--scenes", "96", "--world-attempts", "64", "--cells", "base", "--out", str(tmp_path), "--plan"]
    assert main.main(["study", "push_t", "--demos", str(folder / "demos"), *more]) == 1
    assert "need 160 starts; 128 are shipped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--also", "narrow"], "say LINEAGE=WEIGHTS"),
        (["--base", "{base}", "{base}"], "both diffusion policies"),
        (["--extra-demos"], "needs demonstrations that the base has not seen"),
        (["--rate", "1e-3"], "other options (rate"),
    ],
)
def test_wrong_use_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    only = ["--only", "nothing"]
    assert main.main(words(folder, tmp_path, *only)) == 0
    more = [word.replace("{base}", str(folder / "base.safetensors")) for word in more]
    assert main.main(words(folder, tmp_path, *only, *more)) == 1
    assert said in capsys.readouterr().err


def test_own_successes_are_made_as_far_as_the_cells_need_them(tmp_path: Path) -> None:
    config = StudyConfig(tmp_path, (), (), cells=("base", "longer", "hi_wm"), corrections=10)
    held = Volume(20, 5, 10, 0, 700, 300, 1.0)
    assert held.own_rows_for(0.15) == 300
    assert enough(config, held)
    closed = StudyConfig(tmp_path, (), (), cells=("hi_wm", "closed_loop"), corrections=10)
    assert not enough(closed, held)
    assert enough(closed, Volume(120, 5, 10, 0, 700, 300, 1.0)), "12 attempts for each correction are all"
    assert enough(StudyConfig(tmp_path, (), (), cells=("base",)), held)


def test_a_torn_result_is_named(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "diffusion-base-0.json").write_text('{"backbone": "diffusion"')
    assert main.main(words(folder, tmp_path, "--plan")) == 1
    assert "diffusion-base-0.json cannot be read" in capsys.readouterr().err
    assert Result("a", "b", 1).name == "a/b/1"


@pytest.mark.parametrize("command", ["study", "post-train", "correct"])
def test_help_does_not_wait_for_torch(command: str) -> None:
    ask = f"main.main([{command!r}, '--help'])"
    asked = f"import sys, main\ntry:\n    {ask}\nexcept SystemExit:\n    print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "False"
