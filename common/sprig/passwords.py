"""Passwords hashed with bcrypt, for `bcrypt` and `htpasswd`, by whatever the machine has for it."""

import base64
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from common.sprig.ambient import Ambient
from common.sprig.values import SprigError, encode

_COST = 10
_LONGEST = 72
_SALT = 16
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OURS = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def bcrypt(ambient: Ambient, password: str) -> str:
    """Hash a password."""
    data = encode(password)
    if len(data) > _LONGEST:
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
    salt = base64.b64encode(ambient.random(_SALT)).translate(bytes.maketrans(_STANDARD, _OURS)).rstrip(b"=")
    # Of the last character of a salt only four bits count; libraries write the others as zeros.
    salt = salt[:-1] + _OURS[_OURS.index(salt[-1]) & 0b110000 :][:1]
    return _hasher()(data, b"$2a$%d$" % _COST + salt)


def htpasswd(ambient: Ambient, user: str, password: str) -> str:
    """Write a line of an htpasswd file."""
    if ":" in user:
        return f"invalid username: {user}"
    return f"{user}:{bcrypt(ambient, password)}"


@cache
def _hasher() -> Callable[[bytes, bytes], str]:
    try:
        library = import_module("bcrypt")
    except ImportError:
        return _from_libc()
    return lambda password, salt: str(library.hashpw(password, salt).decode())


def _from_libc() -> Callable[[bytes, bytes], str]:
    with warnings.catch_warnings():
        # Python 3.13 has it no more; the package `bcrypt` takes its place there.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            crypt: Any = import_module("crypt")
        except ImportError as error:
            raise SprigError("bcrypt: the package `bcrypt` is not installed") from error

    def hashed(password: bytes, salt: bytes) -> str:
        if b"\0" in password:
            raise SprigError("bcrypt: the password holds a NUL")
        return str(crypt.crypt(password.decode("utf-8", "surrogateescape"), salt.decode()) or "")

    return hashed


WITH_AMBIENT: dict[str, Callable[..., Any]] = {"bcrypt": bcrypt, "htpasswd": htpasswd}
