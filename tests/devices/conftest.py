"""Tests that need a virtual gamepad are skipped where SDL makes none."""

from collections.abc import Generator

import pytest

from benchmarks.emulated.virtual_pad import NoVirtualPads


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    try:
        return (yield)
    except NoVirtualPads as error:
        pytest.skip(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    try:
        return (yield)
    except NoVirtualPads as error:
        pytest.skip(str(error))
