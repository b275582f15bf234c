from pathlib import Path

import pytest

from models.training.policy.exports import ExportRule, best_of, chosen_words, exhausted, exports_in

HISTORY = [
    {"step": 5.0, "loss": 0.1},
    {"step": 8.0, "chunk": 0.3},
    {"step": 10.0, "loss": 0.5},
    {"step": 20.0, "loss": 0.3},
    {"step": 30.0, "loss": 0.4},
    {"step": 40.0, "loss": 0.35},
]


@pytest.fixture
def rule() -> ExportRule:
    return ExportRule(Path("out"), after=5)


def test_only_steps_that_can_act_are_exported(rule: ExportRule) -> None:
    found = exports_in(HISTORY, rule)
    assert [row["step"] for row in found] == [10, 20, 30, 40]
    assert best_of(found)["step"] == 20


def test_patience_counts_the_validations_after_the_best(rule: ExportRule) -> None:
    assert not exhausted(HISTORY, rule), "without patience every step is taken"
    patient = [ExportRule(rule.out, rule.after, patience) for patience in (1, 2, 3)]
    assert [exhausted(HISTORY, one) for one in patient] == [True, True, False]
    assert not exhausted([], patient[0])


def test_which_export_ships_is_said(rule: ExportRule) -> None:
    last = chosen_words(HISTORY, rule)
    assert "policy.safetensors is the export of step 40 (validation loss 0.3500)" in last
    assert "lowest loss was 0.3000 at step 20" in last
    best = chosen_words(HISTORY, ExportRule(rule.out, rule.after, 2))
    assert "policy.safetensors is the export of step 20 (validation loss 0.3000)" in best
    assert chosen_words([], rule) == "Nothing was exported yet."
