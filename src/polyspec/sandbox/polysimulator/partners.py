"""The one partner of the sandbox: its key, and the users it made."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.polysimulator.users import User

if TYPE_CHECKING:
    from polyspec.sandbox.polysimulator.world import PolySimWorld

__all__ = ["PartnerUser", "Partners", "partner_key"]

_KIND: Final = "sim_partner_user"


class PartnerUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user by the partner's own id."""

    external_id: str
    tenant_user_id: str
    user_id: int
    email: str


def partner_key(seed: int) -> str:
    """Return the partner's key; since it follows from the seed, nobody needs to keep it."""
    return f"pt_live_{Seeded(seed, 'polysimulator/partner').hex(64)}"


class Partners:
    """Who the partner made, durably."""

    def __init__(self, world: PolySimWorld) -> None:
        self._world = world
        self._users = world.store.load(_KIND, PartnerUser)

    def holds(self, key: str) -> bool:
        """Tell whether a key is the partner's."""
        return hmac.compare_digest(key.encode(), partner_key(self._world.seed).encode())

    def make(self, external_id: str, email: str) -> tuple[PartnerUser, bool]:
        """Return the user of an id of the partner's, and whether it is new."""
        known = self._users.get(external_id)
        if known is not None:
            return known, False
        world = self._world
        user: User | None = world.users.of_email(email)
        if user is None:
            user = world.open_account(email)
        drawn = Seeded(world.seed, f"polysimulator/partner/{external_id}")
        made = PartnerUser(
            external_id=external_id,
            tenant_user_id=str(UUID(int=drawn.bits(128), version=4)),
            user_id=user.id,
            email=email,
        )
        world.store.put(_KIND, external_id, made)
        self._users[external_id] = made
        return made, True
