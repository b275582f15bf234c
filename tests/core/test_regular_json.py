"""JSON of a session that a stranger may have written."""

import pytest

from core.regular_files import parse_json


@pytest.mark.parametrize("text", ['{"dt": NaN}', '{"dt": Infinity}', '{"dt": -Infinity}'])
def test_numbers_that_json_does_not_have_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number of JSON"):
        parse_json(text)
