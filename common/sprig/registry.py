"""All functions by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from common.sprig import (
    cases,
    chance,
    constraints,
    crypto,
    dates,
    defaults,
    dicts,
    encodings,
    jsons,
    lists,
    maths,
    outside,
    passwords,
    paths,
    regexes,
    strings,
    urls,
)
from common.sprig.ambient import Ambient
from common.sprig.function import Function, family, refusal

_PURE = (cases, constraints, crypto, dates, defaults, dicts, encodings, jsons, lists, maths, paths, regexes, strings, urls)
_AMBIENT = (chance, crypto, dates, passwords)
_CERTIFICATES = (
    "buildCustomCert",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
)


def functions(ambient: Ambient) -> Mapping[str, Function]:
    """Give all functions, in a world of one's choice."""
    made: dict[str, Function] = {}
    for each in _PURE:
        made |= family(each.FUNCTIONS)
    for world in _AMBIENT:
        bound: Mapping[str, Callable[..., Any]] = world.WITH_AMBIENT
        made |= family(bound, ambient)
    made |= outside.functions(ambient)
    made |= {name: refusal(name, "keys and certificates are not made in here") for name in _CERTIFICATES}
    return MappingProxyType(made)
