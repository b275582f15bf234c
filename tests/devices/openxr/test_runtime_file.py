from pathlib import Path

import pytest

from devices.openxr.runtime_file import BadRuntimeFile, RuntimeFile, runtime_file, would_be_launched


@pytest.fixture(autouse=True)
def no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XR_RUNTIME_JSON", raising=False)


def test_the_first_file_names_the_runtime(tmp_path: Path) -> None:
    places = tmp_path / "own.json", tmp_path / "system.json"
    assert runtime_file(places) is None
    places[1].write_text('{"runtime": {"library_path": "../lib/libopenxr_monado.so"}}')
    assert runtime_file(places) == RuntimeFile(places[1], "libopenxr_monado", "../lib/libopenxr_monado.so")
    places[0].write_text('{"runtime": {"name": "WiVRn", "library_path": "x.so"}}')
    found = runtime_file(places)
    assert found is not None
    assert found.name == "WiVRn"


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XR_RUNTIME_JSON", str(tmp_path / "gone.json"))
    with pytest.raises(BadRuntimeFile, match=r"gone\.json"):
        runtime_file(())


@pytest.mark.parametrize("text", ["{", "[]", '{"runtime": 3}', '{"runtime": {}}'])
def test_a_torn_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "active.json").write_text(text)
    with pytest.raises(BadRuntimeFile, match=r"active\.json"):
        runtime_file((tmp_path / "active.json",))


def test_steamvr_is_not_launched_by_looking(tmp_path: Path) -> None:
    steam = RuntimeFile(tmp_path / "SteamVR/steamxr_linux64.json", "SteamVR", "bin/vrclient.so")
    (tmp_path / "12").mkdir()
    (tmp_path / "12/comm").write_text("bash\n")
    assert would_be_launched(steam, tmp_path)
    (tmp_path / "12/comm").write_text("vrserver\n")
    assert not would_be_launched(steam, tmp_path)
    assert not would_be_launched(RuntimeFile(tmp_path, "Monado", "libopenxr_monado.so"), tmp_path)
