"""
Order of the tests: those that wait come first, so that two workers end at the same time.

Within that, the order that pytest-randomly gave stays.
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules whose tests need patience, then a broker, then a database, then nothing."""
    wanted: dict[object, int] = {}
    for item in items:
        module = item.path
        wanted[module] = max(wanted.get(module, 0), _patience(item))
    items.sort(key=lambda item: -wanted[item.path])


def _patience(item: pytest.Item) -> int:
    """How long a test may take, roughly."""
    needs = ("postgres", "kafka", "slow")
    return max(
        (1 + needs.index(mark.name) for mark in item.iter_markers() if mark.name in needs),
        default=0,
    )
