"""Hashes, passwords and secrets."""

import hashlib
import hmac
import zlib
from collections.abc import Callable
from typing import Any

from common.sprig import aes
from common.sprig.ambient import Ambient
from common.sprig.encodings import b64enc, decode64
from common.sprig.values import SprigError, Uint32, decode, encode

_BLOCK = 16
_LONGEST_ENCRYPTED = 1 << 16
_SEED = b"com.lyndir.masterpassword"
_FORMS = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv"
        " CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv"
        " CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ),
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
_LETTERS = {
    "V": "AEIOU",
    "C": "BCDFGHJKLMNPQRSTVWXYZ",
    "v": "aeiou",
    "c": "bcdfghjklmnpqrstvwxyz",
    "A": "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
    "a": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
}


def sha1sum(text: str) -> str:
    """Hash with SHA-1."""
    return hashlib.sha1(encode(text), usedforsecurity=False).hexdigest()


def sha256sum(text: str) -> str:
    """Hash with SHA-256."""
    return hashlib.sha256(encode(text)).hexdigest()


def sha512sum(text: str) -> str:
    """Hash with SHA-512."""
    return hashlib.sha512(encode(text)).hexdigest()


def adler32sum(text: str) -> str:
    """Sum up with Adler-32."""
    return str(zlib.adler32(encode(text)))


def derive_password(counter: Uint32, form: str, password: str, user: str, site: str) -> str:
    """Derive the password of a site from a master password."""
    if form not in _FORMS:
        return f"cannot find password template {form}"
    name, place = encode(user), encode(site)
    salt = _SEED + len(name).to_bytes(4, "big") + name
    key = hashlib.scrypt(encode(password), salt=salt, n=32_768, r=8, p=2, dklen=64, maxmem=1 << 26)
    text = _SEED + len(place).to_bytes(4, "big") + place + int(counter).to_bytes(4, "big")
    seed = hmac.new(key, text, "sha256").digest()
    forms = _FORMS[form].split(" ")
    chosen = forms[seed[0] % len(forms)]
    return "".join(_LETTERS[kind][byte % len(_LETTERS[kind])] for kind, byte in zip(chosen, seed[1:], strict=False))


def encrypt_aes(ambient: Ambient, password: str, text: str) -> str:
    """Encrypt a text with AES-256, the key being the bytes of the password."""
    if not text:
        return ""
    data, vector = encode(text), ambient.random(_BLOCK)
    if len(data) > _LONGEST_ENCRYPTED:
        raise SprigError("the text is too long")
    padding = _BLOCK - len(data) % _BLOCK
    crypt = aes.encrypt(_key(password), vector, data + bytes([padding]) * padding)
    return b64enc(decode(vector + crypt))


def decrypt_aes(password: str, text: str) -> str:
    """Decrypt what `encryptAES` made."""
    if not text:
        return ""
    data = decode64(text)
    if len(data) <= _BLOCK or len(data) % _BLOCK or len(data) > 2 * _LONGEST_ENCRYPTED:
        raise SprigError("crypto/cipher: input not full blocks")
    plain = aes.decrypt(_key(password), data[:_BLOCK], data[_BLOCK:])
    if plain[-1] > len(plain):
        raise SprigError("slice bounds out of range")
    return decode(plain[: len(plain) - plain[-1]])


def _key(password: str) -> bytes:
    return encode(password)[: aes.KEY].ljust(aes.KEY, b"\0")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "adler32sum": adler32sum,
    "decryptAES": decrypt_aes,
    "derivePassword": derive_password,
    "sha1sum": sha1sum,
    "sha256sum": sha256sum,
    "sha512sum": sha512sum,
}
WITH_AMBIENT: dict[str, Callable[..., Any]] = {"encryptAES": encrypt_aes}
