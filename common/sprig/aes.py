"""AES-256 in CBC mode, as FIPS 197 and SP 800-38A describe it: for `encryptAES` and `decryptAES`, a few texts at a time."""

from collections.abc import Iterator

_ROUNDS = 14
_BLOCK = 16
_WORD = 4
KEY = 32


def _doubled(byte: int) -> int:
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one, other = _doubled(one), other >> 1
    return product


def _boxes() -> tuple[bytes, bytes]:
    forward = [0x63]
    for byte in range(1, 256):
        inverse = next(each for each in range(1, 256) if _times(byte, each) == 1)
        spread = inverse * 0x101
        forward.append(0x63 ^ (inverse ^ (spread >> 4) ^ (spread >> 5) ^ (spread >> 6) ^ (spread >> 7)) & 0xFF)
    return bytes(forward), bytes(forward.index(byte) for byte in range(256))


_TO, _FROM = _boxes()
_TABLES = {factor: bytes(_times(byte, factor) for byte in range(256)) for factor in (1, 2, 3, 9, 11, 13, 14)}
_MIX, _UNMIX = (2, 3, 1, 1), (14, 11, 13, 9)
_SHIFT = bytes((column * 4 + row + 4 * row) % 16 for column in range(4) for row in range(4))
_UNSHIFT = bytes((column * 4 + row - 4 * row) % 16 for column in range(4) for row in range(4))


def _round_keys(key: bytes) -> list[bytes]:
    words = [key[at : at + _WORD] for at in range(0, KEY, _WORD)]
    constant = 1
    while len(words) < _WORD * (_ROUNDS + 1):
        word = words[-1]
        if len(words) % 8 == 0:
            word = (word[1:] + word[:1]).translate(_TO)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _doubled(constant)
        elif len(words) % 8 == _WORD:
            word = word.translate(_TO)
        words.append(_xor(word, words[-8]))
    return [b"".join(words[at : at + _WORD]) for at in range(0, len(words), _WORD)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _mixed(block: bytes, factors: tuple[int, ...]) -> bytes:
    made = bytearray()
    for at in range(0, _BLOCK, _WORD):
        column = block[at : at + _WORD]
        for row in range(_WORD):
            byte = 0
            for number in range(_WORD):
                byte ^= _TABLES[factors[(number - row) % _WORD]][column[number]]
            made.append(byte)
    return bytes(made)


def _encrypted(block: bytes, keys: list[bytes]) -> bytes:
    block = _xor(block, keys[0])
    for number in range(1, _ROUNDS + 1):
        block = bytes(block.translate(_TO)[at] for at in _SHIFT)
        block = _xor(_mixed(block, _MIX) if number < _ROUNDS else block, keys[number])
    return block


def _decrypted(block: bytes, keys: list[bytes]) -> bytes:
    for number in range(_ROUNDS, 0, -1):
        block = _xor(block, keys[number])
        block = _mixed(block, _UNMIX) if number < _ROUNDS else block
        block = bytes(block[at] for at in _UNSHIFT).translate(_FROM)
    return _xor(block, keys[0])


def encrypt(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks."""
    keys, made = _round_keys(key), []
    for block in _blocks(data):
        vector = _encrypted(_xor(block, vector), keys)
        made.append(vector)
    return b"".join(made)


def decrypt(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks."""
    keys, made = _round_keys(key), []
    for block in _blocks(data):
        made.append(_xor(_decrypted(block, keys), vector))
        vector = block
    return b"".join(made)


def _blocks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))
