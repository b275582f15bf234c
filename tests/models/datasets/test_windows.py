import threading
from pathlib import Path

import numpy as np
import pytest

from core.branch_tree import Branch
from core.errors import BadConfig, BadStore
from models.datasets.windows import TrainingWindows
from tests.core import stored

TRUNK, FORK, LATE = 20, 12, 9


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trunk of 20 steps, a branch that forks at 12 and grows by 9, which is recorded in two goes, and another one."""
    folder = tmp_path_factory.mktemp("windows") / "session"
    recorder = stored.opened(folder)
    recorder.episode(stored.trunk(), stored.node(0, start=True))
    stored.record(recorder, 0, 0, TRUNK, 100)
    recorder.branch(stored.trunk(1, parent=0, fork_step=FORK, length=FORK, kind="correction"))
    stored.record(recorder, 1, FORK, 4, 200)
    recorder.branch(stored.trunk(2, parent=1, fork_step=FORK + 2, length=FORK + 2, kind="correction"))
    stored.record(recorder, 2, FORK + 2, 3, 300)
    stored.record(recorder, 1, FORK + 4, LATE - 4, 204)
    recorder.close()
    return folder


def number(branch: int, node: int) -> int:
    """What the node of a branch was made from."""
    if node == 0:
        return 0
    if branch == 2 and node > FORK + 2:
        return 300 + node - FORK - 3
    if branch >= 1 and node > FORK:
        return 200 + node - FORK - 1
    return 100 + node - 1


def end(branch: int) -> int:
    return {0: TRUNK, 1: FORK + LATE, 2: FORK + 5}[branch]


def test_every_step_of_every_branch_is_a_window(session: Path) -> None:
    windows = TrainingWindows([session])
    assert len(windows) == TRUNK + LATE + 3
    assert windows.cameras == ("top", "front")
    assert [tuple(place) for place in windows.places[TRUNK : TRUNK + 2]] == [(0, 1, FORK), (0, 1, FORK + 1)]


@pytest.mark.parametrize("keep", [0, 1 << 20])
def test_windows_follow_the_tree_backwards_and_their_branch_forwards(session: Path, keep: int) -> None:
    windows = TrainingWindows([session], observations=3, horizon=6, keep=keep)
    for i in np.random.default_rng(0).permutation(len(windows)):
        _, branch, node = (int(value) for value in windows.places[i])
        window = windows[int(i)]
        seen = [stored.node(number(branch, max(0, node + back))).observation for back in (-2, -1, 0)]
        for camera in ("top", "front"):
            assert np.array_equal(window.frames[camera], np.stack([o.frames[camera] for o in seen]))
            assert np.array_equal(windows.frame(int(i), camera), seen[-1].frames[camera])
        assert np.array_equal(window.ee_state, np.stack([o.ee_state for o in seen]))
        nodes = [min(node + ahead, end(branch)) for ahead in range(1, 7)]
        assert np.array_equal(window.actions, np.stack([stored.node(number(branch, n)).action for n in nodes]))
        assert window.held == max(0, node + 6 - end(branch))


def test_only_the_requested_windows_are_given(session: Path) -> None:
    operator = TrainingWindows([session], sources=["operator"], branches=lambda branch: branch.kind == "correction")
    assert set(operator.places[:, 1]) == {1, 2}
    for _, branch, node in operator.places:
        assert stored.node(number(branch, node + 1)).source == "operator"
    one = TrainingWindows([session], cameras=["front"])[3]
    assert list(one.frames) == ["front"]
    with pytest.raises(BadStore, match="no such step"):
        TrainingWindows([session], branches=lambda branch: branch.kind == "proposal")
    with pytest.raises(BadConfig, match="at least 1"):
        TrainingWindows([session], horizon=0)
    with pytest.raises(IndexError):
        operator[len(operator)]


def test_the_trash_gives_nothing() -> None:
    from models.datasets.windows import kept

    gone: Branch = stored.trunk(discarded=True)
    assert not kept(gone)


def test_several_sessions_are_one_sequence(session: Path, tmp_path: Path) -> None:
    recorder = stored.opened(tmp_path / "other")
    recorder.episode(stored.trunk(), stored.node(0, start=True))
    stored.record(recorder, 0, 0, 5, 400)
    recorder.close()
    windows = TrainingWindows([session, tmp_path / "other"], horizon=2)
    assert len(windows) == TRUNK + LATE + 3 + 5
    assert np.array_equal(windows[-1].actions[0], stored.node(404).action)
    assert np.array_equal(windows.frame(-1, "top"), stored.node(403).observation.frames["top"])


def test_a_session_that_is_open_is_read_too(tmp_path: Path) -> None:
    recorder = stored.opened(tmp_path / "open")
    recorder.episode(stored.trunk(), stored.node(0, start=True))
    stored.record(recorder, 0, 0, 7, 500)
    while recorder.recorded < 7:
        pass
    windows = TrainingWindows([tmp_path / "open"])
    assert np.array_equal(windows[6].frames["top"][-1], stored.node(505).observation.frames["top"])
    recorder.close()


def test_any_thread_may_ask_while_pictures_come_and_go(session: Path) -> None:
    windows = TrainingWindows([session], keep=3 * stored.SIDE**2 * 4)
    wrong: list[int] = []

    def read(seed: int) -> None:
        for i in np.random.default_rng(seed).integers(0, len(windows), 150):
            _, branch, node = windows.places[i]
            if not np.array_equal(
                windows.frame(int(i), "top"), stored.node(number(branch, node)).observation.frames["top"]
            ):
                wrong.append(int(i))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert windows._bytes <= 3 * stored.SIDE**2 * 4
    assert windows._bytes == sum(frame.nbytes for frame in windows._frames.values())


def test_a_torn_picture_is_words(session: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(session, tmp_path / "torn")
    for shard in (tmp_path / "torn/frames/top").glob("c.*"):
        shard.write_bytes(shard.read_bytes()[:100])
    windows = TrainingWindows([tmp_path / "torn"], cameras=["top"])
    with pytest.raises(BadStore, match="missing or torn"):
        windows.frame(3, "top")
    with pytest.raises(BadStore, match="no camera 'wrist'"):
        TrainingWindows([session], cameras=["wrist"])[0]
