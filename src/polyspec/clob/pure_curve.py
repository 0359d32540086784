"""ECDSA on secp256k1 in plain Python, for machines without libsecp256k1.

Signatures are those of libsecp256k1, byte for byte: nonces by RFC 6979, and the low one of both values
of s. Running times depend on the key, so a neighbour who can time single signatures may learn it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, TypeAlias

__all__ = ["HALF_ORDER", "ORDER", "new_sign", "public_key", "recover"]

FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HALF_ORDER: Final = ORDER >> 1
_BASE: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Point: TypeAlias = tuple[int, int]
# Jacobian coordinates: x = X / Z^2, y = Y / Z^3; Z is 0 for the point at infinity
Jacobian: TypeAlias = tuple[int, int, int]
_NOWHERE: Final[Jacobian] = (1, 1, 0)


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    squared = y * y % FIELD
    s = 4 * x * squared % FIELD
    m = 3 * x * x % FIELD
    doubled = (m * m - 2 * s) % FIELD
    return doubled, (m * (s - doubled) - 8 * squared * squared) % FIELD, 2 * y * z % FIELD


def _add(point: Jacobian, other: Point) -> Jacobian:
    x, y, z = point
    if not z:
        return (*other, 1)
    squared = z * z % FIELD
    h = (other[0] * squared - x) % FIELD
    r = (other[1] * squared * z - y) % FIELD
    if not h:
        return _NOWHERE if r else _double(point)
    h2 = h * h % FIELD
    h3 = h * h2 % FIELD
    v = x * h2 % FIELD
    added = (r * r - h3 - 2 * v) % FIELD
    return added, (r * (v - added) - y * h3) % FIELD, h * z % FIELD


def _affine(points: list[Jacobian]) -> list[Point]:
    # one inversion for all of them: the product of all before, turned around from the end
    products = [1]
    for point in points:
        products.append(products[-1] * point[2] % FIELD)
    inverse = pow(products.pop(), -1, FIELD)
    found: list[Point] = []
    for point in reversed(points):
        z = inverse * products.pop() % FIELD
        inverse = inverse * point[2] % FIELD
        squared = z * z % FIELD
        found.append((point[0] * squared % FIELD, point[1] * squared * z % FIELD))
    found.reverse()
    return found


@cache
def _table() -> tuple[tuple[Point, ...], ...]:
    """Return the multiples 1 to 15 of each 16th power of two times the base point."""
    bases: list[Jacobian] = [(*_BASE, 1)]
    for _ in range(63):
        point = bases[-1]
        for _ in range(4):
            point = _double(point)
        bases.append(point)
    multiples: list[Jacobian] = []
    for base in _affine(bases):
        point = _NOWHERE
        for _ in range(15):
            point = _add(point, base)
            multiples.append(point)
    flat = _affine(multiples)
    return tuple(tuple(flat[row * 15 : row * 15 + 15]) for row in range(64))


def _times_base(factor: int) -> Jacobian:
    point = _NOWHERE
    for row in _table():
        if digit := factor & 15:
            point = _add(point, row[digit - 1])
        factor >>= 4
    return point


def _times(factor: int, base: Point) -> Jacobian:
    point = _NOWHERE
    for bit in bin(factor)[2:]:
        point = _double(point)
        if bit == "1":
            point = _add(point, base)
    return point


def _nonces(secret: bytes, digest: int) -> Iterator[int]:
    # RFC 6979, section 3.2, with HMAC-SHA256
    seed = secret + digest.to_bytes(32, "big")
    key, value = bytes(32), b"\x01" * 32
    for mark in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + mark + seed, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        nonce = int.from_bytes(value, "big")
        if 0 < nonce < ORDER:
            yield nonce
        key = hmac.digest(key, value + b"\x00", "sha256")
        value = hmac.digest(key, value, "sha256")


def public_key(secret: bytes) -> bytes:
    """Return the public key of a valid 32-byte key as x and y, 64 bytes."""
    ((x, y),) = _affine([_times_base(int.from_bytes(secret, "big"))])
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def new_sign(secret: bytes) -> Callable[[bytes], bytes]:
    """Return a function from a 32-byte digest to the signature r, s, v; the key must be a valid one."""
    scalar = int.from_bytes(secret, "big")
    _table()

    def sign(digest: bytes) -> bytes:
        message = int.from_bytes(digest, "big") % ORDER
        nonces = _nonces(secret, message)
        r = s = parity = 0
        while not (r and s):
            nonce = next(nonces)
            ((x, y),) = _affine([_times_base(nonce)])
            r, parity = x % ORDER, y & 1 | (x >= ORDER) << 1
            s = pow(nonce, -1, ORDER) * (message + r * scalar) % ORDER
        if s > HALF_ORDER:
            s, parity = ORDER - s, parity ^ 1
        return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + parity,))

    return sign


def recover(digest: bytes, signature: bytes) -> bytes | None:
    """Return the public key, 64 bytes, whose signature r, s, v this is; None if it is nobody's."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    parity = signature[64] - 27
    x = r + ORDER * (parity >> 1)
    if not (0 < r < ORDER and 0 < s < ORDER and 0 <= parity < 4 and x < FIELD):
        return None
    y = pow(x**3 + 7, (FIELD + 1) // 4, FIELD)
    if (y * y - x**3 - 7) % FIELD:
        return None
    if (y ^ parity) & 1:
        y = FIELD - y
    inverse = pow(r, -1, ORDER)
    message = int.from_bytes(digest, "big")
    mine, theirs = _times_base(-message * inverse % ORDER), _times(s * inverse % ORDER, (x, y))
    if not mine[2]:
        return _written(theirs)
    return _written(_add(theirs, _affine([mine])[0]))


def _written(point: Jacobian) -> bytes | None:
    if not point[2]:
        return None
    ((x, y),) = _affine([point])
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")
