"""Post-training, tiny: from a base, demonstrations and a recorded session to a policy with its lineage."""

import argparse
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import main
from core.errors import BadCheckpoint, BadConfig, BadStore, StoreBusy
from core.recorder import Recorder
from models.policies.diffusion.policy import load
from models.post_training.command import add_arguments, arguments_of, config_of
from models.post_training.config import PostTrainConfig
from models.post_training.options import Selection, Weights
from models.post_training.train import fitted_words, post_train
from models.training.policy.learner import Learner
from models.training.policy.log import Progress
from tests.models.post_training.toy_data import quick, write_base, write_demos, write_session


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing curves takes most of the time of a training of eight steps."""
    monkeypatch.setattr("models.training.policy.curves.draw", lambda history, path: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("post")
    write_base(folder / "base.safetensors")
    write_demos(folder / "demos")
    write_session(folder / "session")
    return folder


def config(folder: Path, out: Path, **changes: object) -> PostTrainConfig:
    changes = {"sessions": (folder / "session",), "own_successes": (folder / "session",)} | changes
    return quick(folder / "base.safetensors", out, folder / "demos", **changes)


def card(path: Path | None) -> dict[str, object]:
    assert path is not None
    return dict(json.loads(path.with_suffix(".json").read_text()))


def test_a_policy_with_its_lineage(folder: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    path = post_train(config(folder, tmp_path), report=seen.append, typed="main.py post-train ...")
    found = card(path)
    lineage = found["lineage"]
    assert isinstance(lineage, dict)
    assert lineage["base"]["sha256"] == load(folder / "base.safetensors").spec.identity.sha256
    shares = {name: source["share"] for name, source in lineage["sources"].items()}
    assert shares == pytest.approx({"demonstrations": 0.5, "corrections": 0.35, "own successes": 0.15})
    branches = lineage["sources"]["corrections"]["branches"]
    assert sum(branch["rows"] for branch in branches) == lineage["sources"]["corrections"]["rows"] > 0
    assert lineage["weighting"]["kind"] == "uniform"
    assert found["command"] == "main.py post-train ..."
    losses = [progress.figures for progress in seen if progress.event == "losses"][-1]
    assert {"chunk demonstrations", "chunk corrections", "chunk own successes"} <= set(losses)
    policy = load(path)
    assert policy.spec.task == "toy"
    base = load_file(folder / "base.safetensors")
    after = load_file(path)  # type: ignore[arg-type]
    assert np.array_equal(base["scaling.chunk_half"], after["scaling.chunk_half"])
    assert (after["scaling.action_high"] >= base["scaling.action_high"]).all()
    assert all(np.array_equal(base[name], after[name]) for name in base if name.startswith("network.views"))


def test_stopped_and_continued_is_the_same_training(folder: Path, tmp_path: Path) -> None:
    straight = post_train(config(folder, tmp_path / "straight"))
    asked = iter(range(1, 100))
    assert post_train(config(folder, tmp_path / "cut"), stop=lambda: next(asked) == 5) is None
    resumed = post_train(config(folder, tmp_path / "cut"))
    one, two = load_file(straight), load_file(resumed)  # type: ignore[arg-type]
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_the_same_steps_on_the_base_data_alone(folder: Path, tmp_path: Path) -> None:
    longer = card(post_train(config(folder, tmp_path, sessions=(), own_successes=())))["lineage"]
    assert isinstance(longer, dict)
    assert {name: source["share"] for name, source in longer["sources"].items()} == {"demonstrations": 1.0}


def test_the_control_trains_on_what_the_base_has_not_seen(folder: Path, tmp_path: Path) -> None:
    demos = (folder / "demos",)
    control = config(folder, tmp_path / "one", sessions=(), extra_demos=demos, demo_episodes=2, most_rows=13)
    lineage = card(post_train(control))["lineage"]
    assert isinstance(lineage, dict)
    sources = lineage["sources"]
    assert sources["demonstrations"]["rows"] == 24, "episodes 0 and 2 of 4"
    assert sources["further demonstrations"]["rows"] == 24, "both others: 13 rows are more than one of them has"
    with pytest.raises(BadStore, match="must be new to the base"):
        post_train(replace(control, out=tmp_path / "two", demo_episodes=None))


def test_another_post_training_in_the_same_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    post_train(config(folder, tmp_path / "out", own_successes=()))
    with pytest.raises(BadConfig, match=r"other data or weights of its steps.*--out"):
        post_train(config(folder, tmp_path / "out", own_successes=(), weights=Weights(first_weight=4.0)))
    other = write_base(tmp_path / "other.safetensors")
    content = bytearray(other.read_bytes())
    content[-1] ^= 1
    other.write_bytes(content)
    other.with_suffix(".json").write_text(json.dumps({**card(folder / "base.safetensors"), "sha256": sha(content)}))
    with pytest.raises(BadConfig, match="weights of another policy"):
        post_train(replace(config(folder, tmp_path / "out", own_successes=()), base=other))


def sha(content: bytes | bytearray) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"share": 0.0}, "share is 0"),
        ({"share": 0.9, "own_share": 0.2}, "add up to more than 1"),
        ({"share": -0.1}, "between 0 and 1"),
        ({"share": float("nan")}, "between 0 and 1"),
        ({"weights": Weights(first_weight=-1.0)}, "cannot weigh"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    folder: Path, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadConfig, match=words):
        post_train(config(folder, tmp_path, **changes))


def test_data_that_do_not_fit_are_refused(folder: Path, tmp_path: Path) -> None:
    other = write_demos(tmp_path / "demos", task="boxes")
    with pytest.raises(BadStore, match=r"task is 'boxes', the policy's is 'toy'"):
        post_train(replace(config(folder, tmp_path / "one"), demos=(other,)))
    with pytest.raises(BadCheckpoint, match="no policy weights"):
        post_train(replace(config(folder, tmp_path / "two"), base=tmp_path / "none.safetensors"))
    recorder = Recorder(folder / "session", sync=False)
    try:
        with pytest.raises(StoreBusy, match="still being recorded"):
            post_train(config(folder, tmp_path / "three"))
    finally:
        recorder.close()


def test_whether_the_corrections_are_learned_is_said() -> None:
    assert "they are learned" in fitted_words({"chunk corrections": 0.003, "chunk demonstrations": 0.002})
    assert "not learned yet" in fitted_words({"chunk corrections": 0.01, "chunk demonstrations": 0.002})
    assert fitted_words({"chunk": 0.01}) == ""


def test_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["post-train", "--base", str(folder / "base.safetensors"), "--demos", str(folder / "demos")]
    words += ["--sessions", str(folder / "session"), "--weighting", "iwr", "--part", "whole", "--steps", "4"]
    assert main.main([*words, "--out", str(tmp_path / "one"), "--batch", "8", "--progress", "json"]) == 0
    out, err = capsys.readouterr()
    assert "--policy diffusion --weights" in out
    lines = [json.loads(line) for line in err.splitlines()]
    assert any("chunk corrections" in line.get("progress", {}).get("figures", {}) for line in lines)
    found = card(tmp_path / "one" / "policy.safetensors")
    assert str(found["command"]).startswith("main.py")
    assert main.main([*words, "--out", str(tmp_path / "two"), "--review", "needs_work"]) == 1
    assert "none is marked 'needs_work'" in capsys.readouterr().err


def test_a_job_is_asked_for_what_the_configuration_says() -> None:
    wanted = PostTrainConfig(
        Path("base.safetensors"), Path("-runs/one"), (Path("demos"),), demo_episodes=3,
        sessions=(Path("one"), Path("two")), own_successes=(Path("one"),), share=0.2, own_share=0.125, most_rows=9,
        selection=Selection(part="whole", review=("accepted", "unreviewed"), before=4, idle=True),
        weights=Weights("sirius", 7, 1.5), steps=12, rate=3e-5, every=6, seed=2, batch=8, device="cpu",
    )  # fmt: skip
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = arguments_of(wanted)
    assert words[0] == "post-train"
    args = parser.parse_args(words[1:])
    assert config_of(args) == wanted
    assert args.json
    assert args.progress == "json"


def test_a_job_that_is_terminated_saves_its_training_and_goes_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = config(folder, tmp_path / "cut", own_successes=())
    straight = post_train(replace(wanted, out=tmp_path / "straight"))
    step, taken = Learner.step, iter(range(1, 100))

    def terminated(learner: Learner, *args: Any) -> dict[str, float]:
        if next(taken) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(learner, *args)

    monkeypatch.setattr("models.post_training.command.lower_priority", lambda: None)
    monkeypatch.setattr(Learner, "step", terminated)
    assert main.main(arguments_of(wanted)) == 1
    assert "goes on from there" in capsys.readouterr().err
    assert main.main(arguments_of(wanted)) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["kind"] == "diffusion"
    one, two = load_file(straight), load_file(result["policy"])  # type: ignore[arg-type]
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)
