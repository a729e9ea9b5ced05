"""The AWS client of a queue: logged in as the document says, and without what costs CPU or memory for nothing.

Savings that are measured, of the CPU of a request: a fixed user agent a sixth, our own signer (`signature`) a sixth, no
parameter validation and one handler less a twentieth.
"""

import gc
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aioboto3
import orjson
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession, get_session
from botocore.exceptions import NoCredentialsError
from botocore.handlers import add_recursion_detection_header
from botocore.loaders import JSONFileLoader

from common.errors import Refused
from common.metrics import version
from eventsource.consume import signature
from eventsource.consume.answers import Answers
from eventsource.consume.faults import ERRORS, service_error
from eventsource.spec import SecretKeySelector, SqsEvent

CONNECT_TIMEOUT = 5
"""Seconds for a connection to SQS."""
GRACE = 10
"""Seconds that an answer may take beyond the long poll."""
SPARE_CONNECTIONS = 20
"""Connections beside those of the pollers, for deletes and renewals: a poller keeps its own for up to 20 s."""


class Clients:
    """Makes them; what they share are the models of the services and the credentials of the pod."""

    def __init__(self, secrets: Path) -> None:
        self._secrets = secrets
        self._session = _session()

    def read_keys(self, spec: SqsEvent) -> tuple[str, ...]:
        """Read the mounted keys of the document as they are now; empty: the pod's own credentials. Raises `Refused`."""
        if spec.role_arn:
            return ()  # as in Argo Events: with a role the keys are not looked at
        selectors = [spec.access_key, spec.secret_key, spec.session_token]
        return tuple(self._read(selector) for selector in selectors if selector) if spec.access_key else ()

    async def connect(self, spec: SqsEvent, keys: tuple[str, ...], *, pollers: int, clients: AsyncExitStack) -> Any:  # noqa: ANN401 - made at run time
        """Give a client, closed with `clients`. Raises `Refused` or `Unavailable`."""
        options: dict[str, Any] = {"region_name": spec.region, "config": _config(spec, pollers)}
        if spec.endpoint:
            options["endpoint_url"] = spec.endpoint
        if keys:
            options |= dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), keys, strict=False))
        try:
            core = await _with_role(self._session, spec) if spec.role_arn else self._session
            made = aioboto3.Session(botocore_session=core).client("sqs", **options)
            client = await clients.enter_async_context(made)
        except (*ERRORS, ValueError) as error:
            raise service_error("connect", error) from error
        # It asks the environment at each request whether this is AWS Lambda.
        client.meta.events.unregister("before-call", add_recursion_detection_header)
        client.meta.events.register("choose-signer.sqs", signature.choose)
        # What the making of a client leaves behind in circles, 4 MiB, is better used again now than found much later.
        gc.collect()
        return client

    def _read(self, selector: SecretKeySelector) -> str:
        path = self._secrets / selector.name / selector.key
        try:
            return path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"secret {selector.name}, key {selector.key}: {path} cannot be read") from error


def _session() -> AioSession:
    """Give a session with our own parser and loader."""
    session = get_session()
    session.register_component("response_parser_factory", Answers())
    session.get_component("data_loader").file_loader = SmallModels()
    return session


class SmallModels(JSONFileLoader):  # type: ignore[misc] # botocore has no types
    """Keeps, of the endpoints of all services of AWS (7 MiB), those of the two that we call."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - any JSON
        """Load a file of the library; None if it is not there."""
        whole = Path(f"{file_path}.json")
        if whole.name != "endpoints.json" or not whole.is_file():
            return super().load_file(file_path)
        document = orjson.loads(whole.read_bytes())
        for partition in document.get("partitions", ()):
            partition["services"] = {name: it for name, it in partition["services"].items() if name in ("sqs", "sts")}
        return document


def _config(spec: SqsEvent, pollers: int) -> AioConfig:
    return AioConfig(
        parameter_validation=False,
        user_agent=f"argosy/{version()}",
        max_pool_connections=2 * pollers + SPARE_CONNECTIONS,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=spec.wait + GRACE,
        # Our own loops retry, so that a failure is seen, counted and paced in one place.
        retries={"total_max_attempts": 1, "mode": "standard"},
    )


async def _with_role(base: AioSession, spec: SqsEvent) -> AioSession:
    """Give a session that assumes the role with the pod's own credentials, and again before they expire."""
    source = await base.get_credentials()
    if source is None:
        raise NoCredentialsError

    def client(service: str, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        return base.create_client(service, region_name=base.get_config_variable("region") or spec.region, **options)

    fetcher = AioAssumeRoleCredentialFetcher(client, source, spec.role_arn)
    core = _session()
    core._credentials = AioDeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # noqa: SLF001 - no other way in
    return core
