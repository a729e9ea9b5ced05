"""SigV4 for the one kind of request that SQS gets from us: a POST of JSON, without a query.

botocore's own class is ready for any request of any service and looks through the headers three times; signing then takes
a sixth of all CPU of the pod. What comes out is the same to the byte, and what is no such request is left to that class.
The algorithm: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Any

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError

NAME = "argosy-v4"
"""What the class is called among botocore's signers."""

_UNSIGNED = frozenset(auth.SIGNED_HEADERS_BLACKLIST)
_ONCE = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


class JsonSigV4(auth.SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signs a POST of JSON."""

    def add_auth(self, request: Any) -> None:  # noqa: ANN401 - botocore has no types
        """Put date, token and signature among the headers."""
        headers, body = request.headers, request.data
        if request.method != "POST" or "?" in request.url or request.params or not isinstance(body, bytes) or "Date" in headers:
            super().add_auth(request)
            return
        if self.credentials is None:
            raise NoCredentialsError
        now = auth.get_current_datetime().strftime(auth.SIGV4_TIMESTAMP)
        for name in _ONCE:
            del headers[name]
        headers["X-Amz-Date"] = now
        if self.credentials.token:
            headers["X-Amz-Security-Token"] = self.credentials.token
        host, path = _place(request.url)
        pairs = [(lower, value) for name, value in headers.raw_items() if (lower := name.lower()) not in _UNSIGNED]
        signed = dict(sorted([*pairs, ("host", host)]))
        names = ";".join(signed)
        lines = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in signed.items()])
        canonical = f"POST\n{path}\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{now[:8]}/{self._region_name}/{self._service_name}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = _key(self.credentials.secret_key, now[:8], self._region_name, self._service_name)
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        credential = f"{self.credentials.access_key}/{scope}"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"


auth.AUTH_TYPE_MAPS[NAME] = JsonSigV4


def choose(signature_version: str, **_: object) -> str | None:
    """Say which signer a request gets: ours where botocore would take its own SigV4 (a handler of `choose-signer`)."""
    return NAME if signature_version == "v4" else None


@lru_cache(maxsize=64)
def _place(url: str) -> tuple[str, str]:
    """Give host and path of an address as they are signed."""
    signer = auth.SigV4Auth(None, "", "")
    lines = signer.canonical_request(AWSRequest(method="POST", url=url)).split("\n")
    return lines[3].removeprefix("host:"), lines[1]


@lru_cache(maxsize=64)
def _key(secret: str, day: str, region: str, service: str) -> bytes:
    """Derive the key of one day."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
