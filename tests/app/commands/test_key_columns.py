from itertools import chain

from app.commands.key_columns import ROWS, KeyGroup, KeyRow, arranged, pieces


def group(title: str, rows: int) -> KeyGroup:
    return KeyGroup(title, [KeyRow(str(n), f"words {n}") for n in range(rows)])


def test_a_long_group_goes_on_in_the_next_column() -> None:
    parts = pieces(group("Time", 2 * ROWS + 3))
    assert [part.title for part in parts] == ["Time", *[""] * (len(parts) - 1)]
    assert max(len(part.rows) for part in parts) <= ROWS
    assert [row.key for part in parts for row in part.rows] == [str(n) for n in range(2 * ROWS + 3)]
    assert pieces(group("Nothing", 0)) == []


def test_as_many_columns_as_fit_with_nothing_lost() -> None:
    sizes = [(200, 100), (250, 300), (220, 80), (240, 200)]
    for width, most in ((2000, 4), (760, 3), (520, 2), (300, 1), (100, 1)):
        columns = arranged(sizes, width, 20)
        assert len(columns) == most
        assert list(chain.from_iterable(columns)) == [0, 1, 2, 3]
    assert arranged(sizes, 520, 20) == [range(2), range(2, 4)]
    assert arranged([], 500, 20) == [range(0)]
