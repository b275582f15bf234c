"""The filter as one line of text, typed or put together by the menus: ``outcome:failure trust<0.5 slips``."""

import math
import re
from typing import Any, Final, get_args

from app.review.queue import Filters
from core.branch_tree import Kind, Outcome, Review

NAMED: Final = ("outcome", "review", "kind", "task", "operator", "policy", "device")
"""Fields that take a value: ``field:value``, in quotation marks where it holds spaces."""
KNOWN: Final = {"outcome": get_args(Outcome), "review": get_args(Review), "kind": get_args(Kind)}
"""Fields whose values are known, whatever a session holds."""
RANGED: Final = ("trust", "length")
"""Fields that take a bound: ``trust<0.5``, ``length>=100``; trust 0..1, or ``50%``."""
TOKEN: Final = re.compile(r'(\w+):"([^"]*)"|(\w+)(<=|>=|<|>)([\d.]+)(%?)|(\w+):(\S+)|"([^"]*)"|(\S+)')


def parsed(text: str) -> tuple[Filters, str]:
    """(filters, what was not understood in words, "" for nothing); what is no field is looked for as a word."""
    values: dict[str, Any] = {"words": ()}
    trouble = ""
    for found in TOKEN.finditer(text):
        quoted, value_q, ranged, sign, bound, percent, named, value, phrase, word = found.groups()
        field, wanted = (quoted, value_q) if quoted else (named, value)
        if ranged:
            trouble = trouble or _put_bound(values, ranged.lower(), sign, bound, percent)
        elif field and wanted.replace(" ", "_") not in KNOWN.get(field.lower(), (wanted.replace(" ", "_"),)):
            trouble = trouble or f"No {field.lower()} is called {wanted!r}. Known: {', '.join(KNOWN[field.lower()])}."
        elif field and field.lower() in NAMED:
            values[field.lower()] = wanted.replace(" ", "_") if field.lower() == "review" else wanted
        elif field:
            trouble = trouble or f"There is no filter {field!r}. Known: {', '.join((*NAMED, *RANGED))}."
        else:
            values["words"] = (*values["words"], (phrase or word or "").lower())
    return Filters(**values), trouble


def _put_bound(values: dict[str, Any], field: str, sign: str, bound: str, percent: str) -> str:
    """Narrow a range; what was not understood in words."""
    if field not in RANGED:
        return f"{field!r} takes no bound. With one: {', '.join(RANGED)}."
    try:
        value = float(bound) / (100 if percent else 1)
    except ValueError:
        return f"{bound!r} is not a number."
    low, high = values.get(field, (-math.inf, math.inf))
    if sign.startswith("<"):
        high = value if sign == "<=" else math.nextafter(value, -math.inf)
    else:
        low = value if sign == ">=" else math.nextafter(value, math.inf)
    values[field] = low, high
    return ""


def without(text: str, field: str) -> str:
    """The text without its terms for a field."""

    def about(found: re.Match[str]) -> bool:
        return field in ((found[1] or "").lower(), (found[3] or "").lower(), (found[7] or "").lower())

    return " ".join(found[0] for found in TOKEN.finditer(text) if not about(found))


def with_value(text: str, field: str, value: str) -> str:
    """The text in which a field has a value; "" lets everything through again."""
    rest = without(text, field)
    token = f'{field}:"{value}"' if re.search(r"\s", value) else f"{field}:{value}"
    return f"{token} {rest}".strip() if value else rest


def with_bound(text: str, field: str, bound: str) -> str:
    """The text in which a ranged field has a bound such as "<0.5"; "" lets everything through again."""
    rest = without(text, field)
    return f"{field}{bound} {rest}".strip() if bound else rest
