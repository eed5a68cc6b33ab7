"""A test that would be skipped fails: what is missing must be brought, not passed over."""

from collections.abc import Generator

import pytest

WAY_OUT = "skipped, which no test may be; bring what it needs"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure, whoever asked for it."""
    del item, call
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{WAY_OUT}: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Also of a whole module."""
    del collector
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{WAY_OUT}: {report.longrepr}"
    return report
