import json
from dataclasses import asdict
from pathlib import Path

import pytest

from core.errors import BadStore
from main import main
from models import TASKS, WORLDS
from models.evaluation.figures import JUDGE_PATH, OPERATOR_PATH, read_figures
from models.tasks.push_t.evaluation import operator
from models.tasks.push_t.evaluation.operator import OperatorAttempt, attempt, describe

MADE_UP = [
    OperatorAttempt(7, True, True, 40, 80, 0.99),
    OperatorAttempt(8, True, False, 60, 90, 0.7),
    OperatorAttempt(9, False, False, 300, 300, 0.1),
]


def test_an_attempt_is_judged_and_then_held_against_the_truth() -> None:
    found = attempt(WORLDS.load("reference")(), TASKS.load("push_t")(), operator.FIRST_SEED)
    assert found.success
    assert found.stays
    assert found.coverage > 0.95
    assert 20 < found.steps < found.total < 200


def test_figures_count_failures_of_both_kinds() -> None:
    words, figures = describe(MADE_UP)
    assert figures["success"] == pytest.approx(2 / 3)
    assert figures["stays"] == pytest.approx(1 / 3)
    assert figures["interval"][0] < 2 / 3 < figures["interval"][1]
    assert figures["failed_seeds"] == [8, 9]
    assert "success 2/3 = 66.7%, 95 % Wilson 20.8% .. 93.9%" in words


def test_the_command_keeps_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(operator, "evaluate", lambda seeds, workers, style, look: MADE_UP)
    path = tmp_path / "new" / "operator.json"
    assert main(["evaluate", "operator", "--attempts", "3", "--json", "--out", str(path)]) == 0
    kept = read_figures(path, "")
    assert kept["results"] == [asdict(row) for row in MADE_UP]
    assert kept["command"].startswith("main.py evaluate operator --attempts 3 --first-seed 500000 ")
    assert kept["world"]["name"] == "reference"
    assert json.loads(capsys.readouterr().out)["attempts"] == 3


def test_missing_and_torn_figures_name_the_command(tmp_path: Path) -> None:
    for content in (None, "{", "[1]"):
        path = tmp_path / "figures.json"
        if content is not None:
            path.write_text(content)
        with pytest.raises(BadStore, match=r"figures\.json .*Run `main.py x`"):
            read_figures(path, "main.py x")


def test_the_kept_figures_are_what_is_promised() -> None:
    """Of the scripted operator: at least 95 % of at least 200 starts."""
    kept = read_figures(OPERATOR_PATH, "")
    assert kept["attempts"] >= 200
    assert kept["success"] >= 0.95
    assert kept["interval"][0] > 0.9
    assert len(kept["results"]) == kept["attempts"]
    assert read_figures(JUDGE_PATH, "")["groups"]["all"]["agreement"] > 0.95
