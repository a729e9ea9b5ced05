"""Our signer gives what botocore's own SigV4 gives, to the byte; what it does not know it leaves to that one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from eventsource.consume.signature import NAME, JsonSigV4, choose

URLS = [
    "https://sqs.eu-central-1.amazonaws.com/",
    "https://sqs.eu-central-1.amazonaws.com:443/",
    "http://127.0.0.1:9324/",
    "http://[::1]:9324/",
    "http://localhost:80/a b/../some%20path/ü/",
]
VISIBLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


def signed(signer: type[Any], request: AWSRequest, keys: ReadOnlyCredentials | None) -> dict[str, str]:
    """Sign a request and give all of its headers."""
    signer(keys, "sqs", "eu-central-1").add_auth(request)
    return dict(request.headers.items())


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock stand still for both."""
    monkeypatch.setattr(auth, "get_current_datetime", lambda: datetime(2026, 11, 27, 9, 5, 3, tzinfo=UTC))


@pytest.mark.parametrize("url", URLS)
@given(
    body=st.binary(max_size=200),
    keys=st.builds(
        ReadOnlyCredentials,
        st.text(VISIBLE, min_size=1),
        st.text(VISIBLE, min_size=1),
        st.none() | st.text(VISIBLE, min_size=1),
    ),
    extra=st.dictionaries(st.from_regex(r"X-[A-Za-z]{1,9}", fullmatch=True), st.text(VISIBLE), max_size=3),
)
def test_the_signature_is_that_of_botocore(url: str, body: bytes, keys: ReadOnlyCredentials, extra: dict[str, str]) -> None:
    """Any body, keys, token and headers, at addresses with and without a port or a path."""
    headers = {"X-Amz-Target": "AmazonSQS.ReceiveMessage", "Content-Type": "application/x-amz-json-1.0", "User-Agent": "a/1"}

    def request() -> AWSRequest:
        return AWSRequest(method="POST", url=url, headers={**headers, **{k: v for k, v in extra.items() if v}}, data=body)

    assert signed(JsonSigV4, request(), keys) == signed(auth.SigV4Auth, request(), keys)


def test_a_request_that_is_signed_again_has_one_signature() -> None:
    """A repetition replaces date, token and signature of the first try."""
    request = AWSRequest(method="POST", url=URLS[0], data=b"{}")
    first = signed(JsonSigV4, request, ReadOnlyCredentials("one", "s", "t"))
    second = signed(JsonSigV4, request, ReadOnlyCredentials("two", "s", None))
    assert request.headers.get_all("Authorization") == [second["Authorization"]]
    assert "X-Amz-Security-Token" in first
    assert "X-Amz-Security-Token" not in second


@pytest.mark.parametrize(
    "request_of",
    [
        pytest.param({"method": "GET", "url": URLS[0], "data": b""}, id="not a POST"),
        pytest.param({"method": "POST", "url": f"{URLS[0]}?a=b", "data": b""}, id="a query"),
        pytest.param({"method": "POST", "url": URLS[0], "data": b"", "params": {"a": "b"}}, id="parameters"),
        pytest.param({"method": "POST", "url": URLS[0], "data": {"a": "b"}}, id="a form"),
    ],
)
def test_other_requests_are_left_to_botocore(request_of: dict[str, Any]) -> None:
    """They get the signature that they would get without us."""
    keys = ReadOnlyCredentials("id", "secret", None)
    assert signed(JsonSigV4, AWSRequest(**request_of), keys) == signed(auth.SigV4Auth, AWSRequest(**request_of), keys)


def test_nobody_signs_without_keys() -> None:
    """The words are those of botocore, so that the queue says that credentials are missing."""
    with pytest.raises(NoCredentialsError):
        signed(JsonSigV4, AWSRequest(method="POST", url=URLS[0], data=b"{}"), None)


def test_only_sigv4_is_replaced() -> None:
    """Whoever configured another signature gets that one."""
    assert choose(signature_version="v4", context={}) == NAME
    assert choose(signature_version="v4a") is None
