"""Who has an account and a key when a sandbox starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.polysimulator.keys import LIVE

__all__ = ["FRESH", "KEYS", "PEOPLE", "Person", "SeedKey", "raw_key"]


@dataclass(frozen=True)
class Person:
    """A user to begin with."""

    email: str
    plan: str


@dataclass(frozen=True)
class SeedKey:
    """A key to begin with."""

    name: str
    """What `describe` calls it, and what its text is drawn by."""
    email: str
    permissions: tuple[str, ...] = ("read", "trade")
    revoked: bool = False
    expired: bool = False


FRESH: Final = "fresh@example.com"
"""Has no key yet: for getting the first one with a session token."""
PEOPLE: Final = (
    Person("pro@example.com", "pro"),
    Person("free@example.com", "free"),
    Person("plus@example.com", "pro_plus"),
    Person(FRESH, "pro"),
)
KEYS: Final = (
    SeedKey("api_key", "pro@example.com"),
    SeedKey("read_only_api_key", "pro@example.com", permissions=("read",)),
    SeedKey("free_api_key", "free@example.com"),
    SeedKey("pro_plus_api_key", "plus@example.com"),
    SeedKey("revoked_api_key", "pro@example.com", revoked=True),
    SeedKey("expired_api_key", "pro@example.com", expired=True),
)


def raw_key(seed: int, name: str) -> str:
    """Return the text of a seeded key; since it follows from the seed, nobody needs to keep it."""
    return f"{LIVE}{Seeded(seed, f'polysimulator/seeded/{name}').hex(64)}"
