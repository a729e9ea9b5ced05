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
BEGIN, END = "<!-- promises: written by tools/promises.py -->", "<!-- end of promises -->"


def promised() -> dict[str, str]:
    """Give every promise: id → sentence."""
    sentences: dict[str, str] = tomllib.loads((ROOT / "tools" / "promises.toml").read_text())["promises"]
    return sentences


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
    """Write the table, and the list of what is still open."""
    sentences, found = promised(), proofs()
    unknown = sorted(set(found) - set(sentences))
    if unknown:
        sys.exit(f"tools/promises.toml knows no {', '.join(unknown)}, which {found[unknown[0]].pop()} claims to prove")
    lines = ["| | promise | proved in |", "|---|---|---|"]
    for promise, sentence in sentences.items():
        if promise in found:
            files = ", ".join(f"[{file.stem.removeprefix('test_')}]({file.as_posix()})" for file in sorted(found[promise]))
            lines.append(f"| {promise} | {sentence} | {files} |")
    still = [promise for promise in sentences if promise not in found]
    if still:
        lines += ["", f"Not proved yet: {', '.join(still)} ([what they say](tools/promises.toml))."]
    return "\n".join(lines)


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
