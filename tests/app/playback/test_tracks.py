from pathlib import Path

import numpy as np

from app.playback.tracks import track_of
from app.review.statistics import statistics_of
from core.step import SOURCES
from core.store.archive import open_archive
from tests.app.recorded_session import write_small


def test_a_track_is_the_whole_path_and_agrees_with_the_nodes(tmp_path: Path) -> None:
    archive = open_archive(write_small(tmp_path / "s"))
    tree = archive.tree()
    track = track_of(archive, tree, 2)
    assert (track.last, track.fork) == (16, 6)
    assert np.isnan(track.action[0]).all()
    for index, branch in ((3, 0), (6, 0), (7, 2), (16, 2)):
        node = archive.node(branch, index)
        assert np.array_equal(track.action[index], node.action)
        assert np.array_equal(track.ee_state[index], node.observation.ee_state)
        assert track.progress[index] == node.progress
    assert [SOURCES[code] for code in track.source[[6, 7]]] == ["policy", "operator"]


def test_statistics_are_of_what_the_branch_owns(tmp_path: Path) -> None:
    archive = open_archive(write_small(tmp_path / "s"))
    trunk, correction = (statistics_of(archive, archive.tree().branches[b]) for b in (0, 2))
    assert (trunk.steps, correction.steps) == (12, 10)
    assert (trunk.operator_share, correction.operator_share) == (0.0, 1.0)
    assert (trunk.devices, correction.devices) == ((), ("spacemouse",))
    assert correction.trust == min(archive.column("trust", 2))
    assert correction.progress == archive.node(2, 16).progress
