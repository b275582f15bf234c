import argparse
import json
from pathlib import Path

import pytest

from main import main
from models.datasets.export.command import add_arguments, arguments_of, options_of
from models.datasets.export.options import REVIEWS, ExportOptions
from tests.models.datasets.reading import lines
from tests.models.datasets.recorded import record


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions") / "toy"
    record(folder)
    return folder


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_the_job_carries_out_the_options_of_the_window(tmp_path: Path) -> None:
    plain = ExportOptions((tmp_path / "a", tmp_path / "b c"), tmp_path / "out", "lerobot")
    full = ExportOptions(
        (tmp_path / "a",), tmp_path / "out", "robomimic", "corrections", ("accepted", "needs_work"), ("success",), 15,
        "delta", "--push", "h264", True,
    )  # fmt: skip
    for options in (plain, full):
        words = arguments_of(options, overwrite=True)
        args = parsed(words[1:])
        assert options_of(args) == options
        assert (args.overwrite, args.json, args.progress) == (True, True, "json")


def test_the_command_answers_in_one_json_object(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(session), "--format", "robomimic", "--out", str(tmp_path / "out"), "--json"]
    assert main([*words, "--dry-run"]) == 0
    would = json.loads(capsys.readouterr().out)
    assert not list(tmp_path.iterdir())
    assert main([*words, "--progress", "text"]) == 0
    assert json.loads(capsys.readouterr().out) == would
    assert (would["episodes"], would["steps"], would["interventions"]) == (2, 25, 8)
    assert main([*words, "--review", "any", "--overwrite"]) == 0
    assert [line["review"] for line in lines(tmp_path / "out")] == [
        "unreviewed", "accepted", "rejected", "unreviewed", "accepted"
    ]  # fmt: skip


def test_a_job_reports_its_progress(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.datasets.export.command.lower_priority", lambda: None)  # the tests keep theirs
    options = ExportOptions((session,), tmp_path / "out", "diffusion-policy", review=REVIEWS)
    assert main(arguments_of(options, overwrite=False)) == 0
    told = capsys.readouterr()
    progress = [json.loads(line)["progress"] for line in told.err.splitlines()]
    assert progress[-1] == {"episodes": 5, "of_episodes": 5, "steps": 65, "of_steps": 65, "finishing": True}
    assert [p["steps"] for p in progress] == sorted(p["steps"] for p in progress)
    assert json.loads(told.out)["out"] == str(tmp_path / "out")


@pytest.mark.parametrize(("words", "said"), [
    (["--review", "rejected", "--outcome", "success"], "none ended as success"),
    (["--next-obs"], "--next-obs is of robomimic"),
])  # fmt: skip
def test_a_refusal_is_one_line(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["export", str(session), "--format", "lerobot", "--out", str(tmp_path / "out"), *words]) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""


def test_a_window_is_a_number(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["export", str(session), "--format", "lerobot", "--out", "x", "--window", "-3"])
    assert stopped.value.code == 2
    assert "not a whole number of at least 0" in capsys.readouterr().err
