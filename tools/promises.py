"""Writes the table of promises kept so far into README.md, from the marks `@pytest.mark.promise(…)` of the tests.

`python tools/promises.py` writes it, `python tools/promises.py --check` ends with 1 if it is not current.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PROMISES = ROOT / "tools" / "promises.toml"
SHOWN = 3
KINDS = ("chaos", "endtoend", "integration", "cluster", "charts", "observability", "conformance")
"""Kinds of tests with servers, those with the most of them first."""
BEGIN, END = "<!-- promises: written by tools/promises.py -->", "<!-- end of promises -->"


def proofs() -> dict[str, set[Path]]:
    """Find the files whose tests are marked with each promise."""
    found: dict[str, set[Path]] = defaultdict(set)
    for file in sorted((ROOT / "tests").rglob("*.py")):
        for promise in marks(ast.parse(file.read_text(), filename=str(file))):
            found[promise].add(file.relative_to(ROOT))
    return found


def marks(tree: ast.AST) -> Iterator[str]:
    """Give the arguments of every `pytest.mark.promise(…)`, whether it decorates, is in a list, or marks a parameter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.promise":
            for argument in node.args:
                yield str(ast.literal_eval(argument))


def table() -> str:
    """Write the table of what is kept, and the lists of what is begun and what is open."""
    told = tomllib.loads(PROMISES.read_text())
    sentences, kept, found = told["promises"], told["kept"], proofs()
    unknown, unproved = set(found) - set(sentences), [promise for promise in kept if promise not in found]
    if unknown:
        sys.exit(f"{PROMISES.name} knows no {', '.join(sorted(unknown))}, which tests claim to prove")
    if unproved:
        sys.exit(f"{PROMISES.name} calls {', '.join(unproved)} kept, but no test proves it")
    lines = ["| | promise | proved in |", "|---|---|---|"]
    lines += [f"| {promise} | {sentences[promise]} | {_links(found[promise])} |" for promise in sentences if promise in kept]
    begun = [promise for promise in sentences if promise in found and promise not in kept]
    still = [promise for promise in sentences if promise not in found]
    lines += ["", f"Begun, with tests for the parts that exist: {', '.join(begun)}." if begun else ""]
    lines += [f"Open: {', '.join(still)}." if still else "", "[What they say](tools/promises.toml)."]
    return "\n".join(lines)


def _links(files: set[Path]) -> str:
    """Link to the test files nearest to the user, by what stands behind `tests/<kind>/`, and say how many more there are."""
    nearest = sorted(files, key=lambda file: (KINDS.index(file.parts[1]) if file.parts[1] in KINDS else len(KINDS), file))
    names = {file: "/".join((*file.parts[2:-1], file.stem.removeprefix("test_"))) for file in nearest[:SHOWN]}
    links = ", ".join(f"[{name}]({file.as_posix()})" for file, name in names.items())
    return f"{links} and {len(nearest) - SHOWN} more" if len(nearest) > SHOWN else links


def main() -> None:
    """Write or check."""
    text = README.read_text()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        sys.exit(f"README.md has no markers {BEGIN} … {END}")
    current = f"{head}{BEGIN}\n{table()}\n{END}{tail}"
    if "--check" not in sys.argv:
        README.write_text(current)
    elif current != text:
        sys.exit("the table of promises in README.md is not current: python tools/promises.py")


if __name__ == "__main__":
    main()
