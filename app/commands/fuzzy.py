"""Which words match what was typed, and how well: letters in order, beginnings of words first. No Qt."""

from collections.abc import Sequence
from functools import lru_cache

START, ADJACENT = 6, 10
"""What a letter counts more at the beginning of a word, and right behind the letter before."""


@lru_cache(maxsize=4096)
def score(typed: str, words: str) -> int | None:
    """How well some typed letters fit; larger is better, None where they do not.

    Every typed letter must come in order. A letter at the beginning of a word, and one right behind the letter
    before, counts more; a match that begins early and short words win a tie.
    """
    wanted, text = "".join(typed.lower().split()), words.lower()
    if not wanted:
        return 0
    starts = [i == 0 or not text[i - 1].isalnum() for i in range(len(text))]
    best: dict[int, int] = {-1: 0}  # place of the last matched letter -> best sum so far
    for letter in wanted:
        after: dict[int, int] = {}
        for place, letter_there in enumerate(text):
            if letter_there != letter:
                continue
            gain = START if starts[place] else 1
            sums = [
                total + gain + (ADJACENT if before == place - 1 and before >= 0 else 0)
                for before, total in best.items()
                if before < place
            ]
            if sums:
                after[place] = max(sums)
        if not after:
            return None
        best = after
    return 100 * max(best.values()) - len(words)


def ranked(typed: str, choices: Sequence[str]) -> list[int]:
    """Places of the choices that match, best first; all of them in their order where nothing is typed."""
    scores = [(score(typed, words), place) for place, words in enumerate(choices)]
    found = [(value, place) for value, place in scores if value is not None]
    return [place for value, place in sorted(found, key=lambda pair: (-pair[0], pair[1]))]
