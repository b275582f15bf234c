"""Wrong numbers on the command line are wrong use: exit code 2, before anything heavy is imported."""

import pytest

from main import main


@pytest.mark.parametrize(
    "words",
    [
        "demonstrate --workers 0",
        "demonstrate --episodes -1",
        "collect --frames 0",
        "collect --length none",
        "evaluate operator --attempts 0",
        "evaluate operator --workers 0",
        "evaluate judge --episodes 0",
    ],
)
def test_less_than_one_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert "is not a whole number of at least 1" in capsys.readouterr().err
