"""Our answers are those of the Go code of Argo Events, or differ for a reason that is written down."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.conformance import harness
from tests.conformance.mended import anything


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


@pytest.mark.parametrize("area", harness.areas())
def test_what_counts_as_mended_is_not_gos_answer(area: str) -> None:
    """Each mended case is one whose fault we do not copy: with Go's own answer it would not pass as mended."""
    report = harness.report(area)
    for name, mend, case in report.mended if report else ():
        if mend.meant is not anything:
            assert not mend.is_meant(replace(case, got=case.expected)), name


def test_few_tags_take_any_answer() -> None:
    """A fault that says what is meant has to be checked; only where the corpus says so any answer will do."""
    assert {mend.tag for mend in harness.MENDED if mend.meant is anything} == {"P1", "U1"}
