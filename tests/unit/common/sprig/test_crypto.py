"""Hashes and passwords. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show
from common.sprig.values import Uint32


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("sha1sum", ("a",), "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("sha256sum", ("é",), "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"),
        ("adler32sum", ("abc",), "38600999"),
        ("decryptAES", ("secretkey", "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ="), "plaintext"),
        ("derivePassword", (Uint32(1), "long", "password", "user", "example.com"), "ZedaFaxcZaso9*"),
        ("derivePassword", (Uint32(1), "none", "p", "u", "s"), "cannot find password template none"),
        ("htpasswd", ("a:b", "p"), "invalid username: a:b"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
