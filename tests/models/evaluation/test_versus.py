"""Two policies on the same seeds of the toy world."""

import json

import pytest

import main
from models.evaluation.attempts import Attempt
from models.evaluation.versus import Pair, result_of, words_of


def pair(seed: int, old: bool, new: bool) -> Pair:
    return Pair(Attempt(seed, old, 10, 0.5, 0.6), Attempt(seed, new, 9, 0.7, 0.8))


def test_who_won_where() -> None:
    outcomes = [(True, True)] * 3 + [(False, True)] * 6 + [(True, False)] + [(False, False)] * 2
    result = result_of([pair(seed, *both) for seed, both in enumerate(outcomes)])
    assert [result[name] for name in ("both", "only_old", "only_new", "neither")] == [3, 1, 6, 2]
    assert result["gain"] == pytest.approx(5 / 12)
    assert result["p"] == pytest.approx(0.125)
    low, high = result["interval"]
    assert low < 5 / 12 < high
    assert words_of(result).startswith("Of 12 seeds both policies solved 3, only the old one 1, only the new one 6,")


def test_command_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evaluation.versus._be_a_job", lambda: None)
    words = ["compare-policies", "--old", "hold", "--new", "toy", "--world", "toy", "--task", "toy", "--attempts", "3"]
    assert main.main([*words, "--batch", "2", "--json", "--progress", "json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert [row["seed"] for row in result["seeds"]] == [0, 1, 2]
    assert result["only_old"] == 0
    said = [json.loads(line)["progress"] for line in err.splitlines()]
    assert [one["attempts"] for one in said] == [2, 3]
    assert main.main([*words[:-2], "--new", "nowhere.safetensors"]) == 1
    assert "no policy weights at nowhere.safetensors" in capsys.readouterr().err
