"""The kill benchmark kills, and it would notice what it is there to notice."""

import json
import os
from pathlib import Path

import pytest

from benchmarks import kill
from benchmarks.kill import Life, killed, labels_lost, lost
from benchmarks.kill_program import crc_of_labels, labels_of
from core.store.archive import open_archive

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork")


@pytest.mark.slow
def test_it_kills_in_every_phase_and_loses_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kill, "OUT", tmp_path)
    monkeypatch.setattr(kill, "PHASES", ("fork", "compaction"))
    monkeypatch.setattr(kill, "durations", lambda place: {"fork": 0.3, "compaction": 0.1})
    assert kill.main(["--n", "4"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])["figures"]
    assert answer["n"]["value"] == 4
    assert answer["acknowledged"]["value"] > 0
    for name in ("lost_steps", "unopened", "lost_labels", "damaged"):
        assert answer[name]["value"] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_lost_step_and_a_lost_label_are_noticed(tmp_path: Path) -> None:
    life, _ = killed(tmp_path / "s", "undo", 1, None)
    archive = open_archive(tmp_path / "s")
    assert life.ended
    assert life.recorded == archive.steps == len(life.steps) > 0
    assert lost(archive, life, 0, []) == 0
    branch, index, crc = life.steps[-1]
    life.steps[-1] = (branch, index, crc ^ 1)
    assert lost(archive, life, 0, []) == 1, "another content"
    life.steps.append((branch, index + 1, crc))
    life.recorded += 1
    assert lost(archive, life, 0, []) == 2, "a step that is not there"
    now = crc_of_labels({b.id: labels_of(b) for b in archive.tree().branches.values()})
    assert life.labels[life.labelled] == now
    assert not labels_lost(archive, life, 0)
    assert labels_lost(archive, Life(labels={5: 1}, labelled=5), now), "older than what was acknowledged"
