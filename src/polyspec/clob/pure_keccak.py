"""Keccak-256 in plain Python, for machines on which no library offers it."""

from __future__ import annotations

from typing import Final

__all__ = ["keccak256"]

_RATE: Final = 136
_MASK: Final = (1 << 64) - 1


def _round_constants() -> tuple[int, ...]:
    found, register = [], 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if register & 1:
                constant |= 1 << ((1 << bit) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        found.append(constant)
    return tuple(found)


def _lane_order() -> tuple[tuple[int, int, int], ...]:
    # where rho and pi take each lane from, where to, and by how many bits they turn it
    found, x, y = [(0, 0, 0)], 1, 0
    for step in range(24):
        turned = (step + 1) * (step + 2) // 2 % 64
        found.append((x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5), turned))
        x, y = y, (2 * x + 3 * y) % 5
    return tuple(found)


_CONSTANTS: Final = _round_constants()
_LANES: Final = _lane_order()


def _permute(state: list[int]) -> list[int]:
    moved = [0] * 25
    for constant in _CONSTANTS:
        parity = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        mixed = [parity[x - 1] ^ ((parity[x - 4] << 1 | parity[x - 4] >> 63) & _MASK) for x in range(5)]
        for source, target, bits in _LANES:
            lane = state[source] ^ mixed[source % 5]
            moved[target] = (lane << bits | lane >> (64 - bits)) & _MASK
        state = [
            moved[at] ^ (~moved[at - at % 5 + (at + 1) % 5] & moved[at - at % 5 + (at + 2) % 5])
            for at in range(25)
        ]
        state[0] ^= constant
    return state


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest, which is not SHA3-256: the padding differs."""
    padded = bytearray(data)
    padded.append(0x01)
    padded.extend(bytes(-len(padded) % _RATE))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            at = start + lane * 8
            state[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        state = _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])
