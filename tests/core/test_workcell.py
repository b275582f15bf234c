"""The workcell: its file, what is stored of it, what older records hold, and the words for what does not fit."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.action import CODEC, ActionLimits
from core.camera import Camera, looking, require_calibrated, vertical_fov
from core.errors import BadConfig
from core.store.archive import open_archive
from core.store.serialization import info_to_dict
from core.workcell import (
    FOLDER,
    Arm,
    Gripper,
    Reach,
    Table,
    Workcell,
    read_workcell,
    same_workcell,
    shipped_workcell,
    stored_workcell,
)
from tests.core.stored import info, opened

TOP = looking("top", 96, 64, (0.5, 0.0, 1.5), (0.5, 0.0, 0.0), (1.0, 0.0, 0.0), 0.4)
ONE_ARM = """
dt = 0.05
home = [0.4, 0.0, 0.2, 0, 0, 0, 1]
limits = { low = [0.2, -0.3, 0.0, -1, -1, -3, 0], high = [0.7, 0.3, 0.4, 1, 1, 3, 1] }
[[arms]]
side = "right"
model = "so101"
base = [0.0, -0.1, 0.0, 0, 0, 0]
gripper = { opened = 0.06 }
[[cameras]]
name = "wrist"
width = 160
height = 120
[[cameras]]
name = "side"
width = 160
height = 120
at = [0.0, 1.0, 0.5]
to = [0.4, 0.0, 0.0]
up = [0, 0, 1]
fov = 0.8
"""


def written(folder: Path, text: str = ONE_ARM) -> Path:
    file = folder / "bench.toml"
    file.write_text(text)
    return file


def test_every_number_survives_json() -> None:
    cell = Workcell(
        "bench", (TOP, Camera("wrist", 40, 30)), 0.04,
        ActionLimits(np.full(14, -0.1, np.float32), np.ones(14, np.float32)),
        np.full(14, 0.3, np.float32), (Arm("left", "wx250s", (0.1,) * 6, (0.2,) * 6, Gripper(0.001, 0.05, 0.008)),),
        Table((0.1, 0.9), (-0.4, 0.4)), Reach(0.03, 0.3, 0.2), "another-codec",
    )  # fmt: skip
    again = Workcell.from_dict(json.loads(json.dumps(cell.to_dict())))
    assert same_workcell(cell, again)
    assert again.arms == cell.arms
    assert again.cameras[0].intrinsics is not None
    assert again.cameras[0].intrinsics.tobytes() == TOP.calibration()[0].tobytes()
    assert not again.cameras[1].calibrated
    assert again.limits.low.tobytes() == cell.limits.low.tobytes()
    assert not same_workcell(cell, replace(again, dt=0.05))


def test_the_shipped_table_is_what_every_recording_so_far_was_made_with() -> None:
    cell = shipped_workcell()
    assert (cell.dt, cell.rate, cell.codec) == (0.1, 10.0, CODEC)
    assert [arm.side for arm in cell.arms] == ["left", "right"]
    assert cell.arms[0].gripper == Gripper(0.0, 0.08, 0.009)
    assert cell.surface == Table((0.18, 0.82), (-0.32, 0.32))
    assert replace(cell, table=None).surface == cell.surface
    top, front = cell.cameras
    assert float(top.calibration()[0][0, 0]) == 365.7142857142857
    assert vertical_fov(front) == pytest.approx(np.deg2rad(43.0))
    assert sorted(FOLDER.glob("*.toml"))


def test_a_file_of_one_arm_with_an_uncalibrated_camera(tmp_path: Path) -> None:
    cell = read_workcell(written(tmp_path))
    assert (cell.name, cell.dt) == ("bench", 0.05)
    assert [arm.side for arm in cell.arms] == ["right"]
    assert cell.home[:7].tolist() == [0.0] * 7
    assert cell.home[7:9] == pytest.approx([0.4, 0.0])
    assert not cell.limits.clip(np.ones(14, np.float32))[:7].any(), "an absent arm rests"
    assert [camera.calibrated for camera in cell.cameras] == [False, True]
    assert cell.surface.x == pytest.approx((0.16, 0.74))


def test_an_uncalibrated_camera_is_refused_by_name_and_with_the_fix(tmp_path: Path) -> None:
    wrist, side = read_workcell(written(tmp_path)).cameras
    require_calibrated([side], "This world")
    with pytest.raises(
        BadConfig, match=r"This world needs calibrated cameras.*'wrist'.*workcell file.*leave this camera"
    ):
        require_calibrated([side, wrist], "This world")
    with pytest.raises(BadConfig, match=r"camera 'wrist' is not calibrated"):
        wrist.project(np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('side = "right"', 'side = "middle"', "no arm 'middle' in a workcell; its arms are left and right"),
        ("dt = 0.05", "dt = 0.0", "control steps of 0 s"),
        ("dt = 0.05", "", "cannot be read.*dt"),
        ('name = "side"', 'name = "wrist"', "two cameras of one name"),
        ("0.4, 0.0, 0.2", "0.4, 0.0", "home must be 14 finite numbers"),
        ("home = [0.4", "home = [nan", "home must be 14 finite"),
        ("low = [0.2", "low = [0.9", "low limit of number 7.*above"),
        ("fov = 0.8", "", "camera of the workcell cannot be read.*fov"),
        ("opened = 0.06", "wide = 0.06", "cannot be read.*wide"),
        ("base = [0.0,", "base = [", "six numbers"),
        ('side = "right"', 'side = "right"\n[[arms]]\nside = "right"', "arms right, right; possible: left"),
        ("[[arms]]", "[[arms", "bench.toml cannot be read"),
        ("width = 160", 'width = 160\nintrinsics = [[1.0]]', "intrinsics of the camera 'wrist' must be"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_reported(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in ONE_ARM
    with pytest.raises(BadConfig, match=words):
        read_workcell(written(tmp_path, ONE_ARM.replace(old, new, 1)))


def test_one_to_three_cameras() -> None:
    cell = shipped_workcell()
    for count in (0, 4):
        with pytest.raises(BadConfig, match=f"has {count} cameras; one to 3"):
            replace(cell, cameras=tuple(replace(TOP, name=f"c{i}") for i in range(count)))
    assert cell.camera("front").name == "front"
    with pytest.raises(BadConfig, match=r"has no camera 'left'; it has top, front"):
        cell.camera("left")
    with pytest.raises(BadConfig, match=r"no workcell 'attic'; known: .*bimanual_table"):
        shipped_workcell("attic")


# What is stored --------------------------------------------------------------------------------------------------


def flat(workcell: Workcell) -> dict[str, object]:
    """The layout of worlds and sessions from before workcells."""
    values = workcell.to_dict()
    return {"kind": "transport", **{key: values[key] for key in ("cameras", "dt", "codec", "limits", "home")}}


def test_records_from_before_workcells_are_read() -> None:
    cell = shipped_workcell()
    old = stored_workcell(json.loads(json.dumps(flat(replace(cell, dt=0.2, codec="old")))))
    assert (old.dt, old.codec, len(old.arms)) == (0.2, "old", 2)
    assert old.cameras[1].calibration()[1].tobytes() == cell.cameras[1].calibration()[1].tobytes()
    assert same_workcell(stored_workcell({"kinds": ["demo"]}), cell), "parts and policies held nothing"
    assert same_workcell(stored_workcell({"workcell": cell.to_dict()}), cell)


def test_a_session_stores_its_workcell_under_one_key(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.close()
    archive = open_archive(tmp_path / "s")
    wanted = info().world.workcell
    found = archive.workcell()
    assert found is not None
    assert same_workcell(found, wanted)
    assert archive.dt == wanted.dt
    assert info_to_dict(info())["world"]["workcell"] == wanted.to_dict()
    assert not {"cameras", "dt", "limits", "home", "codec"} & info_to_dict(info())["world"].keys()


def test_a_session_from_before_workcells_opens_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def as_before(value: object) -> dict[str, object]:
        values = info_to_dict(info())
        world = {key: value for key, value in values["world"].items() if key != "workcell"}
        return {**values, "world": {**world, **flat(info().world.workcell)}}

    monkeypatch.setattr("core.store.encoder.info_to_dict", as_before)
    opened(tmp_path / "s").close()
    monkeypatch.undo()
    attributes = json.loads((tmp_path / "s" / "zarr.json").read_text())["attributes"]
    assert "workcell" not in attributes["world"]
    archive = open_archive(tmp_path / "s")
    assert [camera.name for camera in archive.cameras()] == ["top", "front"]
    assert (archive.dt, archive.codec) == (0.1, CODEC)
    again = opened(tmp_path / "s")
    again.close()
    assert len(open_archive(tmp_path / "s").cameras()) == 2
