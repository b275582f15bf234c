"""The Markdown of the fidelity report, from made-up figures."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models.tasks.push_t.evaluation.fidelity_measures import COLUMNS, HORIZONS
from models.tasks.push_t.evaluation.fidelity_report import markdown, number, reliability_plot


def made_up(offset: float = 0.0) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS, 1.0 + offset) | {f"{k}_mean": 2.0 + offset for k in COLUMNS}
    quiet = {"cm_max": 0.25, "deg_max": 0.5, "n": 10}
    pair = {"cm": 0.31 + offset, "cm_mean": 0.42, "deg": 1.5, "deg_mean": 2.5}
    return {
        "world": {"sha256": "abc" * 20, "backend": "onnxruntime 1"},
        "kind": "transport",
        "told": "Pictures.",
        "horizons": {
            "n": 40,
            "travel_cm_mean": 33.3,
            "table": [{"steps": s, **row} for s in HORIZONS],
            "by_kind": {"noisy_goal": {"n": 7, "cm": 0.7 + offset, "deg": 7.7}},
        },
        "chaos": {"rows": [{"steps": 50, "median_cm": 0.09, "mean_cm": 0.59, "median_deg": 0.4, "mean_deg": 3.1}]},
        "pushes": {
            "n": 24, **pair, "moved_cm_mean": 8.1, "turned_deg_mean": 35.0, "sign_right": 0.95, "sign_n": 20,
        },
        "quiet": {
            "raised_arm": quiet, "passing_over": quiet, "nobody_moves": {**quiet, "hands_cm_max": 0.125},
        },
        "encoder": {
            "n": 160, **pair, "floor_cm": 0.11, "floor_cm_mean": 0.12, "floor_deg": None, "floor_deg_mean": None,
            "centre_cm": 0.9, "centre_cm_mean": 0.95, "psnr_mean": 33.3, "found": 0.975,
        },
        "tracking": {"frames": 1600, "kept": 0.995, **pair},
        "trust": {
            "n": 400, "within": 0.9, "auroc": None if offset else 0.876, "brier": 0.0512,
            "reliability": [{"trust": 0.4, "within": 0.5, "n": 200}, {"trust": 0.9, "within": 0.95, "n": 200}],
            "odd_starts": {"shipped": 0.98, "off_table": 0.12}, "tolerance": {"position_m": 0.01, "angle_rad": 0.1},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "# Fidelity of the transport world",
        "| 50 | 1.0 (2.0) | 1.0 (2.0) | 1.000 (2.000) | 1.00 (2.00) | 1.0 (2.0) | 0.09 (0.59) | 0.4 (3.1) |",
        "| 100 | 1.0 (2.0) | 1.0 (2.0) | 1.000 (2.000) | 1.00 (2.00) | 1.0 (2.0) | - | - |",
        "error 0.31 (0.42) cm, 1.5 (2.5) degrees, median (mean); sense of rotation right in 95 % of 20",
        "nothing moves, 300 steps: the T drifts 0.2500 cm and 0.5000 degrees at most; the hands 0.1250 cm (n = 10)",
        "passing over",
        "raised arms",
        "0.31 (0.42) cm and 1.5 (2.5) degrees off, median (mean), found in 98 %",
        "0.11 (0.12) cm, - (-) degrees",
        "Tracker of the trainer (1600 filmed frames, 99.5 % of them kept): 0.310 (0.420) cm",
        "within 1.0 cm and 0.10 rad. 400 starts",
        "AUROC 0.876, Brier score 0.0512",
        "| 0.90 | 0.95 | 200 |",
        "Median trust by kind of start: shipped 0.98, off table 0.12.",
    ],
)
def test_the_report_says(words: str) -> None:
    assert words in markdown(made_up())


def test_without_chaos_and_tracking() -> None:
    figures = made_up() | {"chaos": None}
    del figures["tracking"]
    text = markdown(figures)
    assert "Tracker" not in text
    assert "| 50 | 1.0 (2.0) | 1.0 (2.0) | 1.000 (2.000) | 1.00 (2.00) | 1.0 (2.0) | - | - |" in text
    assert "Beside it" not in text


@pytest.mark.parametrize(
    "words",
    [
        "## Beside it: a world trained without failure and edge data",
        "| 50 steps | 1.0 (2.0) dB, 1.00 (2.00) cm, 1.0 (2.0) deg | 1.5 (2.5) dB, 1.50 (2.50) cm, 1.5 (2.5) deg |",
        "| 50 steps of noisy goal (n = 7) | 0.70 cm, 7.7 deg | 1.20 cm, 7.7 deg |",
        "| 12 cm push | 0.31 (0.42) cm, 1.5 (2.5) deg | 0.81 (0.42) cm, 1.5 (2.5) deg |",
        "| trust: AUROC | 0.876, 90.0 % within | -, 90.0 % within |",
    ],
)
def test_a_second_world_is_listed_beside(words: str) -> None:
    other = made_up(0.5) | {"left_out": ["failure", "edge"]}
    assert words in markdown(made_up() | {"beside": other})
    unnamed = markdown(made_up() | {"beside": other | {"left_out": []}})
    assert "## Beside it: another world" in unnamed


def test_tables_are_rectangular() -> None:
    text = markdown(made_up() | {"beside": made_up(0.5) | {"left_out": []}})
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows}) <= 1, block


def test_absent_figures_are_a_dash() -> None:
    assert number(None, 2) == "-"
    assert number(1.234, 2) == "1.23"


def test_the_reliability_plot_is_a_picture(tmp_path: Path) -> None:
    reliability_plot(made_up()["trust"]["reliability"], tmp_path / "plot.png")
    with Image.open(tmp_path / "plot.png") as picture:
        assert picture.size[0] > 300
