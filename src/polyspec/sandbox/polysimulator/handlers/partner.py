"""Users that a partner makes; 404 where the partner is not enabled."""

from __future__ import annotations

from typing import Final

import msgspec

from polyspec.sandbox.polysimulator.refusals import invalid
from polyspec.sandbox.polysimulator.registry import Answer, Asked, handles

__all__: list[str] = []

_LONGEST_ID: Final = 255
_EMAIL: Final = (3, 320)


@handles("Partner_CreateUser")
def create_user(asked: Asked) -> Answer:
    """Make a user, or answer with the one there is."""
    world = asked.world
    sent = asked.body
    if not 1 <= len(sent.external_id) <= _LONGEST_ID:
        raise invalid(f"external_id has 1 to {_LONGEST_ID} characters", field="external_id")
    if not _EMAIL[0] <= len(sent.email) <= _EMAIL[1] or "@" not in sent.email:
        raise invalid("email must be an address", field="email")
    made, created = world.partners.make(sent.external_id, sent.email)
    told = {**msgspec.structs.asdict(made), "created": created}
    return Answer(told, 201 if created else 200)
