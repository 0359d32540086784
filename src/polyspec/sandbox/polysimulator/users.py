"""Who has an account, and on which plan."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store

__all__ = ["PLANS", "User", "Users"]

PLANS: Final = ("free", "pro", "pro_plus", "enterprise")
"""Lowest first; a plan is also the tier of the keys that are made on it."""
_KIND: Final = "sim_user"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account holder."""

    id: int
    auth_id: str
    """The subject of this user's session tokens, a UUID."""
    email: str
    name: str
    plan: str = "free"
    created: int
    """Nanoseconds since 1970."""
    admitted: bool = True
    """Whether the closed beta lets the user in."""
    blocked: bool = False

    def entitled(self, tier: str) -> bool:
        """Tell whether the plan includes a tier."""
        return PLANS.index(tier) <= PLANS.index(self.plan)


class Users:
    """The users, kept durably."""

    def __init__(self, store: Store, clock: Clock, seed: int) -> None:
        self._store = store
        self._clock = clock
        self._seed = seed
        self._users: dict[int, User] = {each.id: each for each in store.load(_KIND, User).values()}
        self._by_auth = {each.auth_id: each for each in self._users.values()}

    def __len__(self) -> int:
        return len(self._users)

    def get(self, user_id: int) -> User | None:
        """Return a user by number."""
        return self._users.get(user_id)

    def of_auth(self, auth_id: str) -> User | None:
        """Return a user by the subject of a session token."""
        return self._by_auth.get(auth_id)

    def of_email(self, email: str) -> User | None:
        """Return a user by address."""
        return next((each for each in self._users.values() if each.email == email), None)

    def all(self) -> list[User]:
        """Return everybody."""
        return list(self._users.values())

    def create(self, email: str, *, plan: str = "free", admitted: bool = True) -> User:
        """Make a user, durably."""
        number = 1001 + len(self._users)
        drawn = Seeded(self._seed, f"polysimulator/user/{number}")
        made = User(
            id=number,
            auth_id=str(UUID(int=drawn.bits(128), version=4)),
            email=email,
            name=email.partition("@")[0],
            plan=plan,
            created=self._clock.now_ns(),
            admitted=admitted,
        )
        self._store.put(_KIND, str(made.id), made)
        self._know(made)
        return made

    def change(self, user: User, **changes: str | bool) -> User:
        """Change a user, durably."""
        changed = msgspec.structs.replace(user, **changes)
        self._store.put(_KIND, str(user.id), changed)
        self._know(changed)
        return changed

    def _know(self, user: User) -> None:
        self._users[user.id] = user
        self._by_auth[user.auth_id] = user
