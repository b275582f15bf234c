import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation.judge_accuracy import describe, figures, groups, measure


def test_agreement_is_counted_and_doubtful_frames_set_apart() -> None:
    limit = g.SUCCESS_COVERAGE
    rows = np.array(
        [
            (0.95, 0.96, 0.001, 0.01, 1.0),  # both say yes
            (limit - 0.001, limit + 0.004, 0.002, 0.02, 1.0),  # wrong, but within the error of the measurement
            (0.95, 0.80, 0.010, 0.10, 0.5),  # wrong, with hands over it
            (0.0, 0.40, np.nan, np.nan, np.nan),  # not found
        ]
    )
    found = groups(rows)
    assert found["all"]["frames"] == 4
    assert found["all"]["found"] == 0.75
    assert found["all"]["agreement"] == 0.5
    assert found["all"]["agreement_clear"] == pytest.approx(2 / 3)
    assert found["all"]["position_mm_median"] == pytest.approx(2.0)
    assert found["in sight"]["frames"] == found["occluded"]["frames"] == 2, "one that is not found counts as occluded"
    assert "in sight" in describe(found)


def test_nothing_found_is_no_crash() -> None:
    lost = np.array([(0.0, 0.4, np.nan, np.nan, np.nan)])
    found = figures(lost)
    assert found["found"] == 0.0
    assert np.isnan(found["position_mm_median"])
    assert "0.0%" in describe({"all": found})


def test_a_real_attempt_is_judged_well() -> None:
    found = groups(measure(1))["all"]
    assert found["frames"] > 80
    assert found["found"] == 1.0
    assert found["position_mm_p95"] < 3.0
    assert found["agreement_clear"] > 0.95
