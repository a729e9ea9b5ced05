"""What goes over the pipes between the sensor and its workers: a length, then that many bytes.

A question is the kind, the length of the program, the program and the data of the event; an answer is a mark and bytes.
"""

import struct
from enum import Enum
from typing import NamedTuple

LENGTH = struct.Struct(">I")
READY = b"ready"
FAILED, DONE = b"-", b"+"
LARGEST_ANSWER = 32 << 20
_HEAD = struct.Struct(">cI")


class ScriptFailed(ValueError):
    """The script cannot be read, fails over this event, or gives what it must not."""


class Kind(Enum):
    """What a program is written in and what it is for."""

    JQ = b"j"
    LUA = b"t"
    LUA_FILTER = b"f"


class Question(NamedTuple):
    """A program to run over the data of an event."""

    kind: Kind
    program: str
    data: bytes


def framed(body: bytes) -> bytes:
    """Put the length before a body."""
    return LENGTH.pack(len(body)) + body


def write_question(question: Question) -> bytes:
    """Write a question as a frame."""
    program = question.program.encode("utf-8", "surrogatepass")
    return framed(_HEAD.pack(question.kind.value, len(program)) + program + question.data)


def read_question(body: bytes) -> Question:
    """Read the body of a question."""
    kind, length = _HEAD.unpack_from(body)
    end = _HEAD.size + length
    return Question(Kind(kind), body[_HEAD.size : end].decode("utf-8", "surrogatepass"), body[end:])


def read_answer(body: bytes) -> bytes:
    """Give the result. Raises `ScriptFailed`."""
    if body[:1] == FAILED:
        raise ScriptFailed(body[1:].decode("utf-8", "replace"))
    return body[1:]
