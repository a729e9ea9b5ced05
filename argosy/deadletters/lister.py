"""The list of letters, printed as they come: never more than one table of them is in memory."""

import json
from collections import Counter

from rich.console import Console

from argosy.deadletters import text
from argosy.deadletters.choice import Choice, Found, Group
from argosy.deadletters.letters import Letters

ROWS = 500
"""Rows of one table; its columns are as wide as these need."""


class Lister:
    """Prints letters, or only how many there are of which kind; at most `limit` of them, unless that is 0."""

    def __init__(self, console: Console, *, as_json: bool, rows: bool, limit: int) -> None:
        self.seen = 0
        self._console = console
        self._as_json = as_json
        self._rows = rows
        self._limit = limit
        self._groups: Counter[Group] = Counter()
        self._table: list[Found] = []

    async def run(self, letters: Letters, choice: Choice) -> None:
        """Print them all. Raises `Unavailable`."""
        async with letters.chosen(choice, await letters.last()) as pages:
            async for page in pages:
                for found in page[: self._limit - self.seen] if self._limit else page:
                    self._one(found)
                if self.seen == self._limit > 0:
                    break
        self._end()

    def _one(self, found: Found) -> None:
        self.seen += 1
        self._groups[found.group] += 1
        if not self._rows:
            return
        if self._as_json:
            print("[" if self.seen == 1 else ",")
            print(json.dumps(text.document(found), ensure_ascii=False), end="")
            return
        self._table.append(found)
        if len(self._table) == ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._table:
            text.table(self._table, self._console)
            self._table.clear()

    def _end(self) -> None:
        if not self._as_json:
            self._flush()
            text.counts(self._groups, self._console)
        elif self._rows:
            print("\n]" if self.seen else "[]")
        else:
            counted = [
                {"from": owner, "part": part, "reason": why, "count": n} for (owner, part, why), n in self._groups.items()
            ]
            print(json.dumps(counted, indent=2, ensure_ascii=False))
