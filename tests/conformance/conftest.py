"""Print what became of the cases, area by area, below the results of the tests."""

import pytest

from tests.conformance import harness


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table of the areas that ran."""
    ran = any(
        "test_conformance" in report.nodeid
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    )
    if not ran:
        return
    terminalreporter.section("conformance with Argo Events")
    for area in harness.areas():
        report = harness.report(area)
        if report is None:
            continue
        names = ("agrees", "mended", "differs", "skipped", "wrong")
        counts = "  ".join(f"{name} {report.counts[name]:4}" for name in names)
        skips = ", ".join(f"{reason} ({count})" for reason, count in sorted(report.skipped.items()))
        terminalreporter.write_line(f"{area:12} {counts}  of {report.total:4}  {skips}")
