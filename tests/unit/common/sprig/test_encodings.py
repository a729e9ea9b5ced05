"""Base 64 and 32, with the errors that sprig gives as results. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("b64enc", ("é",), "w6k="),
        ("b64dec", ("w6k=",), "é"),
        ("b64dec", ("w6k",), "illegal base64 data at input byte 0"),
        ("b64dec", ("w6\nk=",), "é"),
        ("b64dec", ("_-8=",), "illegal base64 data at input byte 0"),
        ("b32enc", ("hello",), "NBSWY3DP"),
        ("b32dec", ("NBSWY3DP",), "hello"),
        ("b32dec", ("NBSWY3D",), "illegal base32 data at input byte 0"),
        ("b32dec", ("NBSWY===",), "hel"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
