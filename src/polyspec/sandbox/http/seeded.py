"""Numbers and identifiers that one seed decides."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["Seeded"]

# no vowels that spell words, no characters people mix up
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Seeded:
    """A stream of reproducible draws; streams of different names are independent."""

    def __init__(self, seed: int, name: str) -> None:
        self._key = blake2b(f"{seed}/{name}".encode(), digest_size=32).digest()
        self._count = 0

    def bits(self, size: int) -> int:
        """Draw `size` random bits, at most 512."""
        self._count += 1
        digest = blake2b(self._count.to_bytes(8, "big"), key=self._key).digest()
        return int.from_bytes(digest, "big") >> (512 - size)

    def below(self, bound: int) -> int:
        """Draw from 0 to `bound` - 1."""
        return self.bits(96) % bound

    def between(self, low: int, high: int) -> int:
        """Draw from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def hex(self, digits: int) -> str:
        """Draw lower-case hexadecimal digits."""
        return f"{self.bits(4 * digits):0{digits}x}"

    def letters(self, length: int) -> str:
        """Draw upper-case letters and digits, as in an ULID."""
        draw = self.bits(5 * length)
        return "".join(_ALPHABET[(draw >> (5 * place)) & 31] for place in range(length))
