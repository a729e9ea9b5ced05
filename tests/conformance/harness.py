"""Run the golden corpus: what the Go code of Argo Events answered, compared with what ours answers.

A case ends as one of four: it *agrees*; it is *mended* (Go's answer is a fault, and ours is the intended one by `mended.py`);
it *differs* for a reason given in `differs.py`; or it is *skipped*, being about something that does not exist yet. Anything
else fails.
"""

import importlib
import json
import os
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from common.errors import ConfigurationError, Rejected
from tests.conformance.differs import DIFFERS
from tests.conformance.mended import MENDED, Case, Mend

HERE = Path(__file__).parent
CASES = Path(os.environ.get("CONFORMANCE_DIR") or HERE / "cases")
MOST_OF_ALL, MOST_OF_AREA = 0.01, 0.03

Answer = Mapping[str, Any]
# What an area raises on purpose: the answer is then `error`, as it is where the Go function returned one.
REFUSALS = (Rejected, ConfigurationError)


class NotYetError(Exception):
    """The case needs something that a later issue brings; the text says what."""


@dataclass(frozen=True)
class Area:
    """One file of cases: how to get our answer to an input, and when two answers are the same."""

    run: Callable[[Any], Answer]
    same: Callable[[Answer, Answer, Any], bool]
    refusals: tuple[type[Exception], ...] = REFUSALS
    same_error: Callable[[Answer, Answer, Any], bool] = lambda expected, got, given: True  # noqa: ARG005 - words are ours


@dataclass
class Report:
    """What became of the cases of one area; `wrong` holds what must not be, `mended` which fault each of these shows."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    mended: list[tuple[str, Mend, Case]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many cases there were."""
        return self.counts.total()


def areas() -> list[str]:
    """Name all areas: one file each in the folder `areas`."""
    return sorted(path.stem for path in (HERE / "areas").glob("[!_]*.py"))


def errors_agree(expected: Answer, got: Answer) -> bool:
    """Say whether both answers are errors, or neither is."""
    return ("error" in expected) == ("error" in got)


@cache
def report(name: str) -> Report | None:
    """Run one area; None if the folder has no cases for it."""
    path = CASES / f"{name}.json"
    if not path.exists():
        return None
    area: Area = importlib.import_module(f"tests.conformance.areas.{name}").AREA
    result = Report()
    for case in json.loads(path.read_text(encoding="utf-8")):
        try:
            got: Answer = _answer(area, case["input"])
        except NotYetError as reason:
            result.counts["skipped"] += 1
            result.skipped[str(reason)] += 1
            continue
        judged = Case(name, frozenset(case.get("fault", ())), case["input"], case["output"], got, partial(_answer, area))
        verdict, mend = _verdict(area, case["id"], judged)
        if mend is not None:
            result.mended.append((case["id"], mend, judged))
        result.counts[verdict] += 1
        if verdict == "wrong":
            result.wrong.append(f"{case['id']} ({case['about']}): Go answers {case['output']!r:.600}, we {got!r:.600}")
    return result


def _answer(area: Area, given: Any) -> Answer:  # noqa: ANN401 - inputs differ from area to area
    try:
        return area.run(given)
    except area.refusals as error:
        return {"error": str(error)}
    except NotYetError:
        raise
    except Exception:  # noqa: BLE001 - a crash is an answer here, the worst one
        return {"crash": traceback.format_exc(limit=-3)}


def _verdict(area: Area, name: str, case: Case) -> tuple[str, Mend | None]:
    expected, got = case.expected, case.got
    if "crash" in got:
        return "wrong", None
    if "panic" not in expected and errors_agree(expected, got):
        same = area.same_error if "error" in got else area.same
        if same(expected, got, case.given):
            return "agrees", None
    mend = next((mend for mend in MENDED if mend.is_meant(case)), None)
    if mend is not None:
        return "mended", mend
    return ("differs" if name in DIFFERS else "wrong"), None
