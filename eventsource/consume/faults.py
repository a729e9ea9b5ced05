"""What went wrong with SQS, in our words: `Unavailable` may go better soon, `Refused` wants somebody to do something."""

from typing import Any

import aiohttp
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from common.errors import Refused, ServiceError, Unavailable

DETAIL = 300
"""Characters of SQS' own words that go into ours."""
ERRORS = (BotoCoreError, ClientError, aiohttp.ClientError, TimeoutError, OSError)
"""What the AWS libraries raise."""

_THROTTLED = frozenset(
    {
        "KMS.ThrottlingException",
        "KmsThrottled",
        "OverLimit",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
_SERVER_ERROR, _TOO_MANY = 500, 429


def service_error(operation: str, error: Exception) -> ServiceError:
    """Say in one line what went wrong, and whether waiting helps."""
    if isinstance(error, ClientError):
        said: dict[str, Any] = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        text = f"{operation}: {_code(error)}: {said.get('Message', '')}"[:DETAIL]
        if status >= _SERVER_ERROR or status == _TOO_MANY or throttled(error):
            return Unavailable(text)
        return Refused(text)
    text = f"{operation}: {str(error) or type(error).__name__}"[:DETAIL]
    return Refused(text) if isinstance(error, (*_NO_CREDENTIALS, ValueError)) else Unavailable(text)


def throttled(error: Exception) -> bool:
    """Tell whether we ask too often."""
    return _code(error) in _THROTTLED


def queue_is_gone(error: BaseException | None) -> bool:
    """Tell whether SQS said that there is no such queue."""
    return _code(error) in _NO_QUEUE


def _code(error: BaseException | None) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
