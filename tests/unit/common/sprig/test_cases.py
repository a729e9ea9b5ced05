"""Letters large and small, words in snakes and camels. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        ("camelcase", ("http_server-name x",), "HttpServerNameX"),
        ("camelcase", ("_",), "__"),
        ("camelcase", ("GOLANG_IS_GREAT",), "GolangIsGreat"),
        ("snakecase", ("FirstName HTTPServer2xx",), "first_name_http_server_2xx"),
        ("kebabcase", ("Bld4Floor3rd",), "bld4-floor-3rd"),
        ("kebabcase", ("Duration2m3s",), "duration-2m3s"),
        ("snakecase", ("a.b_C-d",), "a.b_c_d"),
        ("title", ("o'neil été_x",), "O'Neil Été_x"),
        ("untitle", ("Hello World",), "hello world"),
        ("swapcase", ("This Is. été",), "tHIS iS. ÉTÉ"),
        ("upper", ("ßžǅ",), "ßŽǄ"),
        ("lower", ("İÀ",), "ià"),
        ("initials", ("Ada  Lovelace é",), "ALÃ"),
        ("upper", ("a\udcff",), "A�"),
        ("lower", ("\udcff",), "�"),
        ("untitle", ("É\udcc3",), "é�"),
        ("camelcase", ("é\udcc3",), "É�"),
        ("nospace", ("a b\tc",), "abc"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed
