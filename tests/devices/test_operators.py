"""Several operators at one computer."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BadConfig
from devices.operators import choose, chosen, name_in, new_operator, operators
from devices.profile import Profile, load, save

IDA = Profile("Ida", handedness="left", feel={"gamepad": {"scale": 0.5}})


def test_one_more_operator_begins_with_the_settings_of_another_and_is_chosen_at_the_next_start(tmp_path: Path) -> None:
    first = chosen(tmp_path)
    assert first == tmp_path / "operator.toml"
    assert operators(first) == {first: "operator"}, "before anything was written"
    save(IDA, first)
    file = new_operator(first, "  Bo Ö. ", IDA)
    assert load(file) == replace(IDA, name="Bo Ö.")
    assert operators(first) == operators(file) == {first: "Ida", file: "Bo Ö."}
    choose(file)
    assert chosen(tmp_path) == file
    choose(first)
    assert chosen(tmp_path) == first
    assert not list(tmp_path.rglob("*.partial"))


def test_a_choice_that_is_gone_or_torn_is_the_first_operator(tmp_path: Path) -> None:
    file = new_operator(tmp_path / "operator.toml", "Bo", IDA)
    choose(file)
    file.unlink()
    assert chosen(tmp_path) == tmp_path / "operator.toml"
    for torn in (b"../operator.toml", b"\xff\xfe", b""):
        (tmp_path / "operators" / "chosen.txt").write_bytes(torn)
        assert chosen(tmp_path) == tmp_path / "operator.toml"


def test_a_profile_outside_the_folder_is_listed_but_not_remembered_for_the_next_start(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text("name = ")
    assert operators(own)[own] == "mine", "a torn file has at least its name"
    choose(own)
    assert chosen(tmp_path) == tmp_path / "operator.toml"
    assert name_in(tmp_path / "nobody.toml") == "nobody"


@pytest.mark.parametrize(("name", "words"), [("", "needs a name"), ("…", "needs a name"), ("Bo", "called 'Bo' already"),
                                             ("B/o", ""), ("bo", "")])  # fmt: skip
def test_names(tmp_path: Path, name: str, words: str) -> None:
    first = tmp_path / "operator.toml"
    new_operator(first, "Bo", IDA)
    if not words:
        assert new_operator(first, name, IDA).parent == tmp_path / "operators"
        return
    with pytest.raises(BadConfig, match=words):
        new_operator(first, name, IDA)


def test_two_names_with_one_file_name(tmp_path: Path) -> None:
    first = tmp_path / "operator.toml"
    new_operator(first, "B o", IDA)
    with pytest.raises(BadConfig, match="already"):
        new_operator(first, "B.o", IDA)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(BadConfig, match="could not be written"):
        new_operator(file / "operator.toml", "Bo", IDA)
