"""Every answer of the API server, one by one, and what it means for the event, the trigger or nobody."""

import json

import pytest

from common.errors import Failed, Refused, Rejected, Unavailable
from sensor import answers
from sensor.ports import Missing, NameTaken


def status(reason: str, message: str) -> bytes:
    """Write a Status as Kubernetes does."""
    return json.dumps({"kind": "Status", "apiVersion": "v1", "reason": reason, "message": message}).encode()


CASES = [
    (409, "AlreadyExists", 'workflows.argoproj.io "x" already exists', NameTaken),
    (409, "AlreadyExists", 'object is being deleted: workflows.argoproj.io "x" already exists', NameTaken),
    (409, "Conflict", "the object has been modified", Failed),
    (400, "BadRequest", "strict decoding error", Rejected),
    (413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728", Rejected),
    (422, "Invalid", 'Workflow "x" is invalid: spec: Required value', Rejected),
    (500, "InternalError", "etcdserver: request is too large", Rejected),
    (500, "", "rpc error: trying to send message larger than max (2097279 vs. 2097152)", Rejected),
    (429, "TooManyRequests", "the server has received too many requests", Unavailable),
    (500, "InternalError", "etcdserver: request timed out", Unavailable),
    (502, "", "bad gateway", Unavailable),
    (503, "ServiceUnavailable", "the server is currently unable to handle the request", Unavailable),
    (504, "Timeout", "request did not complete within the allotted timeout", Unavailable),
    (301, "", "moved", Unavailable),
    (401, "Unauthorized", "Unauthorized", Refused),
    (403, "Forbidden", 'workflows is forbidden: User "x" cannot create resource', Refused),
    (403, "Forbidden", 'workflows "x" is forbidden: exceeded quota: q, requested: count/workflows=1', Refused),
    (403, "Forbidden", "unable to create new content in namespace x because it is being terminated", Refused),
    (404, "NotFound", 'namespaces "x" not found', Missing),
    (404, "NotFound", "the server could not find the requested resource", Missing),
    (405, "MethodNotAllowed", "the server does not allow this method on the requested resource", Refused),
    (500, "InternalError", 'Internal error occurred: failed calling webhook "a.b": dial tcp: refused', Refused),
    (403, "Forbidden", 'admission webhook "a.b" denied the request: no images from there', Failed),
    (400, "", 'admission webhook "a.b" denied the request: without explanation', Failed),
    (422, "Invalid", "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", Failed),
    (418, "", "teapot", Failed),
]


@pytest.mark.promise("A4")
@pytest.mark.parametrize(("code", "reason", "message", "kind"), CASES, ids=lambda value: str(value)[:40])
def test_each_answer_has_one_meaning(code: int, reason: str, message: str, kind: type[Exception]) -> None:
    """The table of delivery.md, row by row; the text goes into the error."""
    error = answers.meaning(answers.read(code, status(reason, message)))
    assert type(error) is kind
    assert str(code) in str(error)
    if kind is Rejected:
        assert error.reason in {"rejected", "too_large"}  # type: ignore[attr-defined]


@pytest.mark.promise("D3")
def test_retry_after_is_read() -> None:
    """Seconds as a number are believed within bounds; dates and nonsense are not."""
    assert [answers.read(429, b"", text).after for text in ("7", "0.5", "", "Wed, 21 Oct", "-3", "1e9")] == [
        7.0, 0.5, None, None, 0.0, 3600.0,
    ]  # fmt: skip


def test_remote_texts_are_cut() -> None:
    """A body that is no Status, a page of a proxy perhaps, does not flood the log; both ends of a long text stay."""
    text = str(answers.meaning(answers.read(502, b"<html>\n" + b"x" * 100_000 + b" end")))
    assert len(text) < 300
    assert "\n" not in text
    long = answers.read(500, status("", "begin " + "x" * 5000 + " the end"))
    assert long.message.startswith("begin")
    assert long.message.endswith("the end")
