"""Options and markers of the whole suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also what takes minutes")


def pytest_configure(config: pytest.Config) -> None:
    # The import proof takes the active environment; a test that wants that proof names one.
    os.environ.pop("VIRTUAL_ENV", None)
    config.addinivalue_line("markers", "slow: takes seconds; part of every CI run")
    config.addinivalue_line("markers", "full: takes minutes; needs --full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
