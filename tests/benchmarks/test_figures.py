import json

import pytest

from benchmarks.figures import Figure, Goal, json_line, percentile, report, table
from benchmarks.options import machine, processor


@pytest.mark.parametrize(
    ("sign", "below", "at", "above"),
    [("<", True, False, False), ("<=", True, True, False), (">=", False, True, True), ("==", False, True, False)],
)
def test_a_goal_is_reached_on_the_right_side_of_its_bound(sign: str, below: bool, at: bool, above: bool) -> None:
    goal = Goal(sign, 10.0)  # type: ignore[arg-type]
    assert [goal.holds(value) for value in (9.9, 10.0, 10.1)] == [below, at, above]


def test_the_json_line_has_the_format_of_the_design() -> None:
    line = json_line("tick", [Figure("steps_per_s", "imagined steps", 118.2, "1/s", Goal(">=", 100))])
    assert json.loads(line) == {
        "benchmark": "tick",
        "figures": {"steps_per_s": {"value": 118.2, "unit": "1/s", "goal": ">= 100", "holds": True}},
    }


def test_a_figure_without_a_goal_claims_nothing() -> None:
    assert Figure("step_ms", "step", 1.0, "ms").to_dict() == {"value": 1.0, "unit": "ms"}


def test_rounding_cannot_make_a_goal_hold() -> None:
    shown = Figure("a", "a", 0.9999999, "1", Goal(">=", 1)).to_dict()
    assert shown == {"value": 1.0, "unit": "1", "goal": ">= 1", "holds": False}


def test_what_was_not_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="'a' is nan"):
        json_line("tick", [Figure("a", "a", float("nan"), "ms")])
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 99)


def test_the_table_marks_missed_goals() -> None:
    lines = table(
        [
            Figure("a", "short", 1.0, "ms", Goal("<=", 2)),
            Figure("b", "rather long words", 30.0, "ms", Goal("<=", 2)),
            Figure("c", "no goal", 5.0, "1"),
        ]
    )
    assert [line.split()[-1] for line in lines[1:3]] == ["holds", "MISSED"]
    assert lines[3].split() == ["no", "goal", "5"]
    assert len({line.index("<=") for line in lines[1:3]}) == 1


def test_the_json_object_is_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    report("tick", "Title", [Figure("a", "words", 2.0, "ms")], ["a note"])
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "Title"
    assert json.loads(out[-1])["benchmark"] == "tick"


def test_the_machine_has_a_name(tmp_path: object) -> None:
    assert "cores" in machine()
    assert processor()
