"""The damage benchmark harms sessions, and the tools stand it; it would notice a content that is another one."""

import json
import os
import signal

import pytest

from benchmarks import damage
from benchmarks.damage_tools import differences

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links, pipes and limits of memory")


@pytest.mark.slow
def test_some_mutations_crash_nothing_and_pass_nothing_silently(capsys: pytest.CaptureFixture[str]) -> None:
    assert damage.main(["--n", "10", "--seed", "1000"]) == 0
    out, err = capsys.readouterr()
    figures = json.loads(out.splitlines()[-1])["figures"]
    assert figures["n"]["value"] == 10
    assert {name: figures[name]["value"] for name in ("crashes", "silent_wrong")} == {
        "crashes": 0,
        "silent_wrong": 0,
    }, err
    assert figures["mended"]["value"] > 0


def test_another_content_is_noticed() -> None:
    whole = {"nodes": {(0, 0): 1, (0, 1): 2}, "steps": 1, "labels": ["a"]}
    assert differences(whole, dict(whole)) == ""
    assert differences(whole, {**whole, "labels": ["b"]}) == "labels"
    assert differences(whole, {**whole, "steps": 0, "nodes": {(0, 0): 1}}) == "nodes, steps"
    assert differences(whole, {**whole, "steps": 0, "nodes": {(0, 0): 1}, "unclosed": True}) == ""


def test_a_process_that_does_nothing_hangs_and_one_without_a_processor_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = damage.Worker()
    try:
        started = worker._process
        os.kill(started.pid or 0, signal.SIGSTOP)
        assert worker.ask(None, 0.2) is None, "stopped: it waits for no processor"
        assert worker._process is not started, "another one was begun"
        queued = iter([0.0, 10.0, 20.0, 20.0, 20.0])
        monkeypatch.setattr(worker, "_queued", lambda: next(queued, 20.0))
        assert worker.ask(None, 0.2) == {"crashes": ["the process died"], "wrong": [], "mended": False}
    finally:
        worker.end()
