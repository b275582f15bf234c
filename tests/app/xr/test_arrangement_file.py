"""The arrangement is remembered beside the operator's profile; a torn file loses nothing."""

import tempfile
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.xr.arrangement import LEAST_SCALE, MOST_SCALE, Arrangement, Place, default, resized
from app.xr.arrangement_file import Keeper, beside, load, save
from app.xr.pose import Pose

numbers = st.floats(-3, 3)
places = st.builds(
    Place,
    st.builds(Pose, st.tuples(numbers, numbers, numbers), st.just((0.0, 0.6, 0.0, 0.8))),
    st.floats(LEAST_SCALE, MOST_SCALE),
    st.booleans(),
)
names = ("camera 0", "camera 1", "status", "timeline", "help")


@given(st.fixed_dictionaries(dict.fromkeys(names, places)), st.booleans())
def test_what_is_saved_is_loaded(hung: dict[str, Place], curved: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "operators" / "maria.headset.toml"
        save(Arrangement(hung, curved), path)
        found = load(path)
    assert found.trouble == ""
    assert found.arrangement.curved == curved
    assert dict(found.arrangement.places) == hung
    assert found.arrangement.anchor == Pose(), "rooms differ"


def test_the_file_is_named_after_the_operator() -> None:
    assert beside(Path("profiles/maria.toml")) == Path("profiles/maria.headset.toml")


def test_a_file_that_is_missing_is_no_trouble(tmp_path: Path) -> None:
    for path in (None, tmp_path / "none.headset.toml"):
        assert load(path).trouble == ""
        assert load(path).arrangement == default()


def test_a_torn_file_gives_the_default_and_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "maria.headset.toml"
    for text, words in (
        ("curved = tru", "TOML"),
        ("curvd = true", "curved"),
        ('[places."status"]\nscale = 9.0\n[places."status".pose]\n', "0.4 .. 2.5"),
        ('[places."status"]\n[places."status".pose]\norientation = [0.0, 0.0, 0.0, 0.0]\n', "quaternion"),
        ('[places."status"]\n[places."status".pose]\nposition = [0.0, nan, 0.0]\n', "position"),
    ):
        path.write_text(text)
        found = load(path)
        assert found.arrangement == default()
        assert str(path) in found.trouble
        assert words in found.trouble
        assert path.read_text() == text, "the operator's file is left for mending"


def test_panels_that_a_file_lacks_hang_where_they_do_by_default(tmp_path: Path) -> None:
    path = tmp_path / "maria.headset.toml"
    save(Arrangement({"status": Place(Pose((0.0, 1.0, -1.0)))}), path)
    found = load(path, cameras=3).arrangement
    assert found.places["status"].pose.position == (0.0, 1.0, -1.0)
    assert found.places["camera 2"] == default(3).places["camera 2"]


def test_the_keeper_writes_the_newest_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "maria.headset.toml"
    keeper, arrangement = Keeper(path), default()
    for _ in range(50):
        arrangement = resized(arrangement, "status", 1.01)
        keeper.put(arrangement)
    keeper.stop()
    keeper.stop()
    assert load(path).arrangement == arrangement
    assert not any(thread.name == "arrangement-writer" for thread in threading.enumerate())


def test_a_failed_write_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    keeper = Keeper(tmp_path / "file" / "maria.headset.toml")
    keeper.put(default())
    keeper.stop()
    assert "could not be written" in keeper.trouble
    assert "maria.headset.toml" in keeper.trouble


def test_without_a_file_nothing_is_kept() -> None:
    keeper = Keeper(None)
    keeper.put(default())
    keeper.stop()
    assert keeper.trouble == ""
