"""In which states credentials can be, and from which to which they go."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from polyspec.errors import PolyspecError
from polyspec.vault.ids import CredentialId

__all__ = ["NEXT", "Rotated", "Standing", "State"]


class State(StrEnum):
    """What is known of the credentials of one wallet."""

    ABSENT = "absent"
    """There are none yet, or none were asked for."""
    ISSUING = "issuing"
    """They are fetched for the first time."""
    SETTLING = "settling"
    """They are fresh, and the venue may refuse them for a while."""
    ACTIVE = "active"
    SUSPECT = "suspect"
    """The venue refused them; whether they are good is being found out."""
    REISSUING = "reissuing"
    """Others take their place, for the venue does not take them any more."""
    ROTATING = "rotating"
    """Others take their place, for it is time."""
    REVOKED = "revoked"
    """They are gone, and somebody has to act."""


_ANY: Final = frozenset(State)
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.ABSENT: frozenset({State.ISSUING, State.SETTLING, State.ACTIVE, State.REVOKED}),
    State.ISSUING: frozenset({State.ABSENT, State.SETTLING, State.ACTIVE, State.REVOKED}),
    State.SETTLING: frozenset({State.ACTIVE, State.SUSPECT, State.ROTATING, State.REVOKED}),
    State.ACTIVE: frozenset({State.SETTLING, State.SUSPECT, State.ROTATING, State.REVOKED}),
    State.SUSPECT: frozenset({State.ACTIVE, State.SETTLING, State.REISSUING, State.ROTATING, State.REVOKED}),
    State.REISSUING: frozenset({State.SUSPECT, State.SETTLING, State.ACTIVE, State.REVOKED}),
    State.ROTATING: frozenset({State.SETTLING, State.ACTIVE, State.SUSPECT, State.REVOKED}),
    State.REVOKED: frozenset({State.ABSENT, State.SETTLING, State.ACTIVE}),
}
"""Where each state may lead; out of `REVOKED` only by what somebody did."""


@frozen(kw_only=True)
class Standing:
    """How the credentials of one wallet are."""

    state: State
    version: int
    """Of the vault; 0 if there are none."""
    label: str
    """The beginning of the key's id; empty if there is none."""
    issued_at: float | None
    """Unix time at which the venue gave them out, as far as that is known."""
    refused: int
    """How often in a row they were refused."""
    closed_until: float | None
    """Monotonic second until which nothing is sent for this user; infinite until somebody acts; None if the
    circuit is closed."""


@frozen(kw_only=True)
class Rotated:
    """What came of replacing all credentials that were due."""

    done: Mapping[CredentialId, Standing]
    """How those are that were replaced, by this process or by another meanwhile."""
    failed: Mapping[CredentialId, PolyspecError]
    """Those that are as they were, and why."""
