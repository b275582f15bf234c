"""Background rollouts into ordinary sessions, on the toy world: found, recorded, listed, gone on with."""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import verbs
from core.branch_tree import Head
from core.errors import BadConfig, BadStore
from core.recorder import Recorder
from core.recording import SessionInfo
from core.session import Session
from core.step_request import Codec, Parts
from core.store.archive import open_archive
from models.failures import command
from models.failures.attempt import play
from models.failures.listing import NAME, Attempted, Listing, read_listing, write_listing
from models.failures.search import SearchConfig, plan, search
from models.policies.hold import HoldPolicy
from models.tasks.push_t.task import PushT
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld

PARTS = Parts(ToyWorld(), ToyPolicy(), ToyTask())
STEPS = 30


def config(folder: Path, **changes: object) -> SearchConfig:
    return replace(SearchConfig(folder / "found", attempts=5, max_steps=STEPS, per_session=2), **changes)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Listing]:
    folder = tmp_path_factory.mktemp("failures")
    return folder / "found", search(config(folder), PARTS)


def test_every_failure_is_a_trunk_of_a_session_and_no_success_is_kept(found: tuple[Path, Listing]) -> None:
    folder, listing = found
    assert len(listing.attempts) == 5
    failed = [one for one in listing.attempts if one.failure is not None]
    assert len(failed) >= 3
    assert [one.failure is None for one in listing.attempts] == [one.success for one in listing.attempts]
    assert all(one.session == "" for one in listing.attempts if one.success)
    assert len({one.session for one in failed}) == -(-len(failed) // 2)
    for one in failed:
        archive = open_archive(folder / one.session)
        branch = archive.tree().branches[one.branch or 0]
        assert (branch.outcome, branch.scene_seed, branch.length) == ("timeout", one.seed, one.steps)
        assert one.failure is not None
        assert [marker.index for marker in branch.markers] == [one.failure.noticed]
        assert archive.column("progress", branch.id)[-1] == pytest.approx(one.progress)
        assert all(0 <= point.index <= one.steps for point in one.failure.points)


def test_a_kept_attempt_opens_in_a_session_replays_bit_for_bit_and_is_branched(
    found: tuple[Path, Listing], tmp_path: Path
) -> None:
    folder, listing = found
    worst = listing.failures[0]
    assert worst.failure is not None
    assert worst.branch is not None
    shutil.copytree(folder / worst.session, tmp_path / "copy")
    recorder = Recorder(tmp_path / "copy")
    try:
        session = Session(*vars_of(PARTS), sink=recorder, archive=recorder.archive)
        session.apply(verbs.Replay(worst.branch))
        while session.wants_step:
            session.tick(None)
        assert "bit" in " ".join(message.text for message in session.take_messages())
        point = worst.failure.points[0].index
        session.apply(verbs.RollBack(worst.branch, point))
        assert session.head == Head(worst.branch, point)
        session.apply(verbs.Run())
        step = session.tick(None)
        assert step is not None
        assert step.branch != worst.branch
    finally:
        recorder.close()


def vars_of(parts: Parts) -> tuple[ToyWorld, ToyPolicy, ToyTask]:
    return parts.world, parts.policy, parts.task  # type: ignore[return-value]


def test_a_search_that_is_ended_goes_on_and_finds_the_same(found: tuple[Path, Listing], tmp_path: Path) -> None:
    whole = found[1]
    search(config(tmp_path, attempts=2), PARTS)
    again = search(config(tmp_path), PARTS)
    assert [values(one) for one in again.attempts] == [values(one) for one in whole.attempts]
    assert read_listing(tmp_path / "found") == again


def values(one: Attempted) -> tuple[object, ...]:
    return one.seed, one.draw, one.success, one.steps, one.progress, one.session, one.branch, one.failure


def test_an_attempt_that_was_not_listed_when_the_program_was_killed_is_played_again(tmp_path: Path) -> None:
    listing = search(config(tmp_path, attempts=3), PARTS)
    last = [one for one in listing.attempts if one.session][-1]
    write_listing(
        tmp_path / "found", replace(listing, attempts=tuple(one for one in listing.attempts if one is not last))
    )
    again = search(config(tmp_path, attempts=3), PARTS)
    twin = next(one for one in again.attempts if one.seed == last.seed)
    assert (twin.steps, twin.progress, twin.failure) == (last.steps, last.progress, last.failure)
    assert (twin.session, twin.branch) != (last.session, last.branch)


def test_own_successes_are_kept_where_asked(tmp_path: Path) -> None:
    listing = search(config(tmp_path, keep="successes", max_steps=None), PARTS)
    solved = [one for one in listing.attempts if one.success]
    assert solved
    assert not listing.failures, "failures are counted and not recorded"
    assert all(one.session == "" for one in listing.attempts if not one.success)
    assert command.summary(listing)["failures"] == len(listing.attempts) - len(solved)
    for one in solved:
        branch = open_archive(tmp_path / "found" / one.session).tree().branches[one.branch or 0]
        assert one.session.startswith("successes-")
        assert branch.outcome == "success"


def test_enough_failures_end_the_search(tmp_path: Path) -> None:
    listing = search(config(tmp_path, attempts=50, failures=1), PARTS)
    assert listing.attempts[-1].failure is not None
    assert sum(one.failure is not None for one in listing.attempts) == 1


def test_a_folder_of_another_policy_is_refused_and_left_alone(found: tuple[Path, Listing], tmp_path: Path) -> None:
    shutil.copytree(found[0], tmp_path / "found")
    before = (tmp_path / "found" / NAME).read_bytes()
    other = Parts(ToyWorld(), HoldPolicy(), ToyTask())
    with pytest.raises(BadConfig, match=r"is of another policy\. Name another folder with --out"):
        search(config(tmp_path), other)
    assert (tmp_path / "found" / NAME).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 7}', '{"version": 1, "attempts": [3]}'])
def test_a_torn_list_is_named_and_left_alone(content: str, tmp_path: Path) -> None:
    (tmp_path / "found").mkdir()
    (tmp_path / "found" / NAME).write_text(content)
    with pytest.raises(BadStore, match=NAME):
        search(config(tmp_path), PARTS)
    assert (tmp_path / "found" / NAME).read_text() == content


def test_a_session_name_that_leads_out_of_the_folder_is_refused(found: tuple[Path, Listing], tmp_path: Path) -> None:
    content = json.loads((found[0] / NAME).read_text())
    content["attempts"][0]["session"] = "../elsewhere"
    (tmp_path / NAME).write_text(json.dumps(content))
    with pytest.raises(BadStore, match="torn"):
        read_listing(tmp_path)


def test_a_learned_world_plays_its_starts_again_with_other_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    task = PushT()
    scene = task.scene(0)
    monkeypatch.setattr(
        PushT, "scene", lambda self, seed: replace(scene, observation=scene.observation if seed < 2 else None)
    )
    world = ToyWorld()
    monkeypatch.setattr(world, "_spec", replace(world.spec, kind="transport"))
    plays = plan(Parts(world, ToyPolicy(), task), None)
    assert [next(plays) for _ in range(5)] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
    with pytest.raises(BadConfig, match="no shipped start"):
        next(plan(Parts(world, ToyPolicy(), task), 9))


def test_the_command_reports_progress_and_a_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = ["--world", "toy", "--policy", "toy", "--max-steps", "4", "--attempts", "2", "--out", str(tmp_path / "a")]
    assert command.run(parser.parse_args([*words, "--json"])) == 0
    out = capsys.readouterr()
    result = json.loads(out.out)
    assert (result["attempts"], result["failures"], result["successes"]) == (2, 2, 0)
    assert sum(result["kinds"].values()) == sum(result["grades"].values()) == 2
    assert Path(result["list"]).is_file()
    assert out.err.count("\n") == 2
    assert command.run(parser.parse_args(words)) == 0, "there is nothing left to do"
    said = capsys.readouterr().out
    assert "0 of 2 attempts succeeded" in said
    assert "2 failed: " in said
    solved = [*words[:-1], str(tmp_path / "b"), "--keep", "successes"]
    assert command.run(parser.parse_args(solved)) == 0
    assert f"2 failed. {tmp_path / 'b'}" in capsys.readouterr().out
    with pytest.raises(BadConfig, match="--attempts must be at least 1"):
        command.run(parser.parse_args(["--attempts", "0"]))


def test_trust_that_is_unknown_is_stored_as_null(found: tuple[Path, Listing]) -> None:
    content = json.loads((found[0] / NAME).read_text())
    assert all(one["trust"] is None or 0 <= one["trust"] <= 1 for one in content["attempts"])
    assert [entry["attempt"] for entry in content["order"]]
    assert np.isfinite([entry["worth"] for entry in content["order"]]).all()


def test_what_is_recorded_ends_as_it_was_first_played(found: tuple[Path, Listing], tmp_path: Path) -> None:
    both = search(config(tmp_path, keep="both"), PARTS)
    assert [(one.success, one.steps, one.progress) for one in both.attempts] == [
        (one.success, one.steps, one.progress) for one in found[1].attempts
    ]
    assert all(one.session for one in both.attempts)


def test_a_session_that_the_window_has_open_is_left_alone(tmp_path: Path) -> None:
    first = search(config(tmp_path, failures=1), PARTS).attempts[-1]
    folder = tmp_path / "found" / first.session
    recorder = Recorder(folder)
    try:
        second = search(config(tmp_path, failures=2), PARTS).attempts[-1]
        assert second.session != first.session
    finally:
        recorder.close()


def test_an_episode_that_an_operator_began_in_such_a_session_stays(tmp_path: Path) -> None:
    first = search(config(tmp_path, failures=1), PARTS).attempts[-1]
    folder = tmp_path / "found" / first.session
    recorder = Recorder(folder)
    session = Session(*vars_of(PARTS), sink=recorder, archive=recorder.archive)
    session.apply(verbs.NewEpisode(77))
    recorder.close()
    search(config(tmp_path, failures=2), PARTS)
    mine = [one for one in open_archive(folder).tree().branches.values() if one.scene_seed == 77]
    assert [one.discarded for one in mine] == [False]


def test_a_trunk_that_was_cut_short_goes_to_the_trash_lane(tmp_path: Path) -> None:
    first = search(config(tmp_path, failures=1), PARTS).attempts[-1]
    folder = tmp_path / "found" / first.session
    recorder = Recorder(folder)
    recorder.begin(SessionInfo("toy", PARTS.world.spec, PARTS.policy.spec), Codec(PARTS))
    half = play(PARTS, 50, 0, 3).numbered(recorder.archive.tree())
    recorder.episode(half.trunk, half.start)
    recorder.step(half.steps[0])
    recorder.close()
    search(config(tmp_path, failures=2), PARTS)
    cut = open_archive(folder).tree().branches[half.trunk.id]
    assert (cut.scene_seed, cut.discarded) == (50, True)
