"""What we use of kubernetes_asyncio: its configuration, how that is loaded, and its transport. The only door to it.

Its packages import all the models of Kubernetes, some 40 MiB and half a second, and we use none of them: objects are JSON
here. So the two packages stand in `sys.modules` unexecuted while the parts that we need are imported from them. A process
that has imported the whole library keeps it, and one that imports it later gets it whole.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PACKAGES = ("kubernetes_asyncio", "kubernetes_asyncio.client")


@contextmanager
def _unexecuted() -> Iterator[None]:
    """Let the packages be found, and not run."""
    if _PACKAGES[0] in sys.modules:
        yield
        return
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        from kubernetes_asyncio.client import configuration  # noqa: PLC0415 - not before the packages stand there

        client = sys.modules[_PACKAGES[1]]
        # What the loaders of configurations take from the package; a client of its own is nothing that we let them make.
        vars(client).update(Configuration=configuration.Configuration, ApiClient=None)
        yield
    finally:
        for name in _PACKAGES:
            sys.modules.pop(name)


with _unexecuted():
    from kubernetes_asyncio.client.configuration import Configuration
    from kubernetes_asyncio.client.rest import RESTClientObject
    from kubernetes_asyncio.config.config_exception import ConfigException
    from kubernetes_asyncio.config.incluster_config import SERVICE_TOKEN_FILENAME, load_incluster_config
    from kubernetes_asyncio.config.kube_config import load_kube_config

__all__ = [
    "SERVICE_TOKEN_FILENAME",
    "ConfigException",
    "Configuration",
    "RESTClientObject",
    "load_incluster_config",
    "load_kube_config",
]
