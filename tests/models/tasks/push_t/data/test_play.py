import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.play import KINDS, kind_of, start_hands, start_pose


def test_kinds_are_drawn_by_their_shares() -> None:
    random = np.random.default_rng(0)
    count = 4000
    drawn = np.bincount([kind_of(random) for _ in range(count)], minlength=len(KINDS)) / count
    assert np.abs(drawn - [kind.share for kind in KINDS]).max() < 0.03
    names = {kind.name for kind in KINDS}
    assert {"goal", "noisy_goal", "play", "failure", "edge"} == names, "as the issue names them"


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_the_t_starts_inside_or_at_the_edge_by_kind(kind: object) -> None:
    random = np.random.default_rng(1)
    poses = np.array([start_pose(kind, random) for _ in range(200)])
    out = np.abs(poses[:, :2] - (0.5, 0.0)).max(1)
    if kind.edge:
        assert out.min() >= 0.16
    else:
        assert np.abs(poses[:, :2] - (0.5, 0.0)).max(0).tolist() <= [0.20, 0.22]
    assert poses[:, 2].min() < -2.5
    assert poses[:, 2].max() > 2.5


def test_hands_start_apart_and_inside_the_limits() -> None:
    random = np.random.default_rng(2)
    for _ in range(200):
        ee = start_hands(random, np.array([0.5, 0.0, 0.0]))
        assert (ee >= g.LIMITS.low - 1e-6).all()
        assert (ee <= g.LIMITS.high + 1e-6).all()
        assert ee[1] > 0 > ee[8], "left on the left"
        assert min(ee[2], ee[9]) > g.T_HEIGHT, "above the T"
