from app.commands.fuzzy import ranked, score

COMMANDS = [
    "Begin the range here",
    "Branch above",
    "Branch here",
    "Mark failure",
    "Roll back to the last failure",
    "Run",
]


def test_letters_must_come_in_order() -> None:
    assert score("mf", "Mark failure") is not None
    assert score("fm", "Mark failure") is None
    assert score("", "anything") == 0


def test_matches_at_word_starts_or_in_a_row_rank_higher() -> None:
    assert COMMANDS[ranked("bran", COMMANDS)[0]].startswith("Branch")
    assert COMMANDS[ranked("bh", COMMANDS)[0]] == "Branch here"
    assert COMMANDS[ranked("fail", COMMANDS)[0]] == "Mark failure", "the shorter one"
    assert COMMANDS[ranked("rbf", COMMANDS)[0]] == "Roll back to the last failure"


def test_nothing_typed_keeps_the_order_and_nonsense_finds_nothing() -> None:
    assert ranked("", COMMANDS) == list(range(len(COMMANDS)))
    assert ranked("xyz", COMMANDS) == []
