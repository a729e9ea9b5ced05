"""Our answers are those of the Go code of Argo Events, or differ for a reason that is written down."""

from collections import Counter

import pytest

from tests.conformance import harness


@pytest.mark.parametrize("area", harness.areas())
def test_answers_are_those_of_the_go_code(area: str) -> None:
    """Users bring their documents along, so each construct has to mean what it meant."""
    report = harness.report(area)
    if report is None:
        pytest.skip(f"no cases of {area} in {harness.CASES}")
    assert not report.wrong, "\n".join([f"{len(report.wrong)} cases differ without a reason:", *report.wrong])
    assert report.counts["differs"] <= harness.MOST_OF_AREA * report.total


def test_few_cases_differ() -> None:
    """A list of reasons is no licence: at most one case in a hundred may stand on it."""
    counts: Counter[str] = Counter()
    for area in harness.areas():
        report = harness.report(area)
        counts += report.counts if report else Counter()
    assert counts["differs"] <= harness.MOST_OF_ALL * counts.total()
