"""URLs. The results are those of sprig 3.3 itself."""

import pytest

from common.sprig import FUNCTIONS
from common.sprig.printing import show
from common.sprig.values import SprigError


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [
        (
            "urlParse",
            ("https://u:p@h.org:8443/a%20b?q=1#f",),
            "map[fragment:f host:h.org:8443 hostname:h.org opaque: path:/a b query:q=1 scheme:https userinfo:u:p]",
        ),
        ("urlParse", ("mailto:a@b",), "map[fragment: host: hostname: opaque:a@b path: query: scheme:mailto userinfo:]"),
        (
            "urlJoin",
            ({"scheme": "http", "host": "h:1", "path": "/a b", "query": "q", "fragment": "é"},),
            "http://h:1/a%20b?q#%C3%A9",
        ),
        ("urlJoin", ({"host": "h", "path": "p"},), "//h/p"),
        ("urlJoin", ({"opaque": "o", "userinfo": "u"},), "o"),
    ],
)
def test_it_gives_what_sprig_gives(name: str, arguments: tuple[object, ...], printed: str) -> None:
    """Templates that users bring along go on to mean the same."""
    result = FUNCTIONS[name](*arguments)
    assert ("<no value>" if result is None else show(result)) == printed


def test_a_login_that_is_none_is_refused_even_where_it_is_not_used() -> None:
    """Sprig reads `userinfo` before it looks at `opaque`."""
    with pytest.raises(SprigError, match="userinfo"):
        FUNCTIONS["urlJoin"]({"opaque": "o", "userinfo": "a b"})
