"""Values of command-line options that several commands check alike."""

import argparse


def positive(text: str) -> int:
    """A whole number of at least one.

    Raises:
        ArgumentTypeError: anything else; argparse turns it into wrong use, exit code 2.
    """
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
