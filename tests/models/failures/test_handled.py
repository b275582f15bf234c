"""What an operator has dealt with leaves the queue, and counts for the balance of grades."""

from pathlib import Path

import pytest

from core.errors import BadStore
from models.failures.finding import Failure, Grade, Proposal
from models.failures.handled import NAME, Handled, read_handled, waiting, write_handled
from models.failures.listing import Attempted, Listing


def attempt(seed: int, grade: Grade | None, trust: float) -> Attempted:
    failure = None if grade is None else Failure("stalled", grade, 9, True, (Proposal(5, "last good step"),))
    return Attempted(seed, 0, grade is None, 9, 0.5, 0.5, trust, (0.0, 0.0), failure=failure)


LISTING = Listing(
    {},
    (
        attempt(0, "near miss", 0.9),
        attempt(1, "near miss", 0.8),
        attempt(2, None, 1.0),
        attempt(3, "gross", 0.7),
        attempt(4, "gross", 0.6),
    ),
)


def seeds(handled: list[Handled]) -> list[int]:
    return [one.seed for one in waiting(LISTING, handled)]


def test_the_queue_takes_turns_between_grades() -> None:
    assert seeds([]) == [0, 3, 1, 4]


def test_what_was_corrected_or_skipped_is_gone_and_only_corrections_count_for_the_balance() -> None:
    assert seeds([Handled(0, 0, "skipped")]) == [1, 3, 4]
    assert seeds([Handled(0, 0, "corrected")]) == [3, 1, 4]
    assert seeds([Handled(0, 1, "corrected")]) == [0, 3, 1, 4], "another draw is another attempt"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    handled = [Handled(0, 0, "corrected", (4, 5), 12.5, 31, 1), Handled(3, 0, "skipped")]
    assert read_handled(tmp_path) == []
    write_handled(tmp_path, handled)
    assert read_handled(tmp_path) == handled


@pytest.mark.parametrize(
    "content", ["", "{}", '{"version": 2, "handled": []}', '{"version": 1, "handled": [{"what": "lost"}]}']
)
def test_a_torn_file_is_named_and_left_alone(content: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(BadStore, match=r"handled\.json cannot be read"):
        read_handled(tmp_path)
    assert (tmp_path / NAME).read_text() == content
