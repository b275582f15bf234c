from pathlib import Path

from models.training.policy.curves import append, draw, read, rewrite


def test_a_history_is_read_up_to_a_step_without_torn_lines(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    assert read(path, 10) == []
    for step in (1.0, 2.0, 3.0):
        append(path, {"step": step, "chunk": step / 3})
    with path.open("a") as file:
        file.write('{"step": 2.0, "chu')
    kept = read(path, 2)
    assert [row["step"] for row in kept] == [1.0, 2.0]
    rewrite(path, kept)
    assert read(path, 10) == kept


def test_curves_are_drawn(tmp_path: Path) -> None:
    draw([{"step": 1.0, "chunk": 0.5}, {"step": 2.0, "chunk": 0.2}], tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000
