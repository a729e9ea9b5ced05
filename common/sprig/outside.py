"""Functions that look outside: the environment and the names of hosts. They are refused unless the `Ambient` lets them."""

import re

from common.sprig.ambient import Ambient
from common.sprig.function import Function, function, refusal

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?0-9-]|[A-Za-z_][A-Za-z0-9_]*))")


def env(ambient: Ambient, name: str) -> str:
    """Read a variable of the environment."""
    return (ambient.environment or {}).get(name, "")


def expandenv(ambient: Ambient, text: str) -> str:
    """Put variables of the environment in the places of `$name` and `${name}`."""
    return _VARIABLE.sub(lambda match: env(ambient, match[1] or match[2] or ""), text)


def get_host_by_name(ambient: Ambient, name: str) -> str:
    """Give an address of a host."""
    return (ambient.resolve or (lambda _: []))(name)[0]


def functions(ambient: Ambient) -> dict[str, Function]:
    """Give these functions, or their refusals."""
    made = {name: refusal(name, "it reads the environment of the pod") for name in ("env", "expandenv")}
    made["getHostByName"] = refusal("getHostByName", "it asks the network")
    if ambient.environment is not None:
        made |= {"env": function("env", env, ambient), "expandenv": function("expandenv", expandenv, ambient)}
    if ambient.resolve is not None:
        made["getHostByName"] = function("getHostByName", get_host_by_name, ambient)
    return made
