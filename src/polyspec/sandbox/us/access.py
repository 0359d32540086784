"""Who may call what: tokens, scopes, and the participant a call is made for.

What an operation demands is read from its ``security`` in the specification, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polyspec_wire import Operation
from starlette.datastructures import Headers

from polyspec.sandbox.us.dialect import QUICKSTART
from polyspec.sandbox.us.issuer import Caller
from polyspec.sandbox.us.refusals import denied

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import Participant, World

__all__ = ["authenticate"]

HEADER = "x-participant-id"


def authenticate(
    world: World, operation: Operation, headers: Headers
) -> tuple[Caller | None, Participant | None]:
    """Return who calls and for whom; raises Refusal (401, 403) as the operation's security demands."""
    if not operation.security:
        return None, None
    caller = world.issuer.caller(headers.get("authorization"))
    schemes = [dict(alternative) for alternative in operation.security]
    for scope in schemes[0].get("accessToken", ()):
        if scope not in caller.scopes:
            raise denied(f"missing required scope {scope}")
    named = headers.get(HEADER)
    if not any("participantId" in scheme for scheme in schemes):
        return caller, None
    if named is None and world.dialect == QUICKSTART:
        named = caller.client.participant
    if named is None:
        if all("participantId" in scheme for scheme in schemes):
            raise denied(f"missing {HEADER} header")
        return caller, None
    return caller, _participant(world, caller, named)


def _participant(world: World, caller: Caller, name: str) -> Participant:
    parts = name.split("/")
    if len(parts) != 4 or parts[0] != "firms" or parts[2] != "users":
        raise denied(f"malformed {HEADER}: expected firms/{{firm}}/users/{{user}}")
    if parts[1] != caller.client.participant_firm:
        raise denied(f"cross-firm request: {name} is not a participant of your firm")
    participant = world.participants.get(name)
    if participant is None:
        raise denied(f"unknown participant {name}")
    return participant
