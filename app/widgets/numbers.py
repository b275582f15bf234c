"""How numbers are written where a user reads them."""


def grouped(number: int) -> str:
    """12 345, with a thin space between thousands."""
    return f"{number:,}".replace(",", "\N{THIN SPACE}")
