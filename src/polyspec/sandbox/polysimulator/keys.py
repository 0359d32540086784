"""API keys. A key is told once and never kept: what is kept is its SHA-256, its beginning and its terms."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store

__all__ = ["LIVE", "PERMISSIONS", "ApiKey", "Keys", "digest_of"]

LIVE: Final = "ps_live_"
PERMISSIONS: Final = ("read", "trade")
_KIND: Final = "sim_key"
_SHOWN: Final = 16
"""Characters of a key that listings show."""
_SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * _SECOND


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a key; moments in nanoseconds since 1970."""

    id: int
    user_id: int
    digest: str
    prefix: str
    name: str | None = None
    tier: str
    permissions: tuple[str, ...]
    created: int
    used: int | None = None
    expires: int | None = None
    rotated: bool = False
    """Whether it holds only until what replaced it is everywhere."""
    active: bool = True
    beta_until: int | None = None
    """When a key of the beta falls back to reading on the free plan."""


def digest_of(raw: str) -> str:
    """Return what a key is looked up by."""
    return sha256(raw.encode()).hexdigest()


class Keys:
    """Who has which keys, kept durably."""

    def __init__(self, store: Store, clock: Clock, drawn: Seeded) -> None:
        self._store = store
        self._clock = clock
        self._drawn = drawn
        self._keys = {each.id: each for each in store.load(_KIND, ApiKey).values()}
        self._by_digest = {each.digest: each for each in self._keys.values()}

    @property
    def latest_ns(self) -> int:
        """When a key was last made or used, as far as is kept; a clock must not run before that."""
        return max((max(each.created, each.used or 0) for each in self._keys.values()), default=0)

    # -- finding --

    def find(self, raw: str) -> ApiKey | None:
        """Return the key a text is, whether it still holds or not."""
        digest = digest_of(raw)
        known = self._by_digest.get(digest)
        return known if known is not None and hmac.compare_digest(known.digest, digest) else None

    def get(self, key_id: int) -> ApiKey | None:
        """Return a key by its number."""
        return self._keys.get(key_id)

    def of(self, user_id: int) -> list[ApiKey]:
        """Return the keys of a user, oldest first, those that do not hold any more too."""
        return [each for each in self._keys.values() if each.user_id == user_id]

    def holding(self, user_id: int) -> list[ApiKey]:
        """Return the keys of a user that hold, without those that were rotated."""
        return [
            each for each in self.of(user_id) if each.active and not each.rotated and not self.expired(each)
        ]

    def expired(self, key: ApiKey) -> bool:
        """Tell whether a key has outlived its time."""
        return key.expires is not None and self._clock.now_ns() >= key.expires

    def cut_off(self, key: ApiKey) -> bool:
        """Tell whether a key of the beta has fallen back to reading."""
        return key.beta_until is not None and self._clock.now_ns() >= key.beta_until

    # -- changing --

    def create(
        self,
        user_id: int,
        *,
        tier: str,
        permissions: Sequence[str] = PERMISSIONS,
        name: str | None = None,
        raw: str | None = None,
        expires: int | None = None,
        active: bool = True,
    ) -> tuple[ApiKey, str]:
        """Make a key; return it with the text that is told this once."""
        text = f"{LIVE}{self._drawn.hex(64)}" if raw is None else raw
        made = self._made(user_id, text, tier, permissions, name)
        made = msgspec.structs.replace(made, expires=expires, active=active)
        self._put(made)
        return made, text

    def _made(
        self, user_id: int, raw: str, tier: str, permissions: Sequence[str], name: str | None
    ) -> ApiKey:
        return ApiKey(
            id=len(self._keys) + 1,
            user_id=user_id,
            digest=digest_of(raw),
            prefix=raw[:_SHOWN],
            name=name,
            tier=tier,
            permissions=tuple(permissions),
            created=self._clock.now_ns(),
        )

    def rename(self, key: ApiKey, name: str | None) -> ApiKey:
        """Give a key another name, or none."""
        return self._put(msgspec.structs.replace(key, name=name))

    def revoke(self, key: ApiKey) -> ApiKey:
        """Make a key invalid at once."""
        return self._put(msgspec.structs.replace(key, active=False))

    def lapse(self, key: ApiKey, beta_until: int) -> ApiKey:
        """Have a key fall back to reading at a moment."""
        return self._put(msgspec.structs.replace(key, beta_until=beta_until))

    def rotate(self, key: ApiKey, overlap: float) -> tuple[ApiKey, str]:
        """Replace a key, which goes on to hold for `overlap` seconds; both changes are one."""
        raw = f"{LIVE}{self._drawn.hex(64)}"
        made = self._made(key.user_id, raw, key.tier, key.permissions, key.name)
        made = msgspec.structs.replace(made, beta_until=key.beta_until)
        until = self._clock.now_ns() + int(overlap * _SECOND)
        old = msgspec.structs.replace(key, expires=until, rotated=True)
        self._store.put_all((_KIND, str(each.id), each) for each in (old, made))
        for each in (old, made):
            self._know(each)
        return made, raw

    def use(self, key: ApiKey) -> None:
        """Note that a key was used, to the minute."""
        now = self._clock.now_ns()
        if key.used is None or now // _MINUTE != key.used // _MINUTE:
            self._put(msgspec.structs.replace(key, used=now))

    def _put(self, key: ApiKey) -> ApiKey:
        self._store.put(_KIND, str(key.id), key)
        self._know(key)
        return key

    def _know(self, key: ApiKey) -> None:
        self._keys[key.id] = key
        self._by_digest[key.digest] = key
