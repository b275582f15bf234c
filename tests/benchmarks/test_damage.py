"""The damage benchmark harms sessions, and the tools stand it; it would notice a content that is another one."""

import json
import os

import pytest

from benchmarks import damage
from benchmarks.damage_tools import differences

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links, pipes and limits of memory")


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
