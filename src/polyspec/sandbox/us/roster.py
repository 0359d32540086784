"""Participants and their accounts: seeded ones, and those an identity check lets in."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from polyspec.sandbox.engine import types as t
from polyspec.sandbox.engine.money import dollars_to_money
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.us.cases import Provisioned
from polyspec.sandbox.us.refusals import invalid

if TYPE_CHECKING:
    from polyspec.sandbox.us.world import World

__all__ = ["FIRM", "PARTICIPANT_FIRM", "Participant", "Roster"]

FIRM: Final = "ISV-Sandbox"
PARTICIPANT_FIRM: Final = "ISV-Participant-Sandbox"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,49}")


class Participant(msgspec.Struct, kw_only=True):
    """A user that orders are made for."""

    name: str
    display_name: str
    firm: str
    """The participant firm."""
    clearing_firm: str
    accounts: tuple[str, ...]
    external_id: str = ""
    """The partner's own id of a customer that came through an identity check."""


class Roster:
    """Who may trade, and with which accounts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.participants = world.store.load("participant", Participant)

    def add(
        self,
        user: str,
        *,
        firm: str = PARTICIPANT_FIRM,
        clearing_firm: str = FIRM,
        dollars: str = "0",
        display: str = "",
        external_id: str = "",
    ) -> Participant:
        """Open a participant and an account of its own, or return the one that exists."""
        name = f"firms/{firm}/users/{user}"
        if name in self.participants:
            return self.participants[name]
        world = self._world
        opaque = Seeded(world.options.seed, f"account/{name}").hex(32)
        account = f"firms/{clearing_firm}/accounts/{opaque}"
        commands: list[t.Command] = []
        if account not in world.exchange.accounts():
            commands.append(t.OpenAccount(account=account))
            if amount := dollars_to_money(dollars):
                commands.append(t.Deposit(account=account, amount=amount, description="Initial deposit"))
        commands.append(t.AddParticipant(participant=name, accounts=(account,)))
        world.apply_all(commands)
        participant = Participant(
            name=name,
            display_name=display or user,
            firm=firm,
            clearing_firm=clearing_firm,
            accounts=(account,),
            external_id=external_id,
        )
        self.participants[name] = participant
        world.store.put("participant", name, participant)
        return participant

    def provision(self, firm: str, external_id: str) -> Provisioned:
        """Open what an approved applicant of a partner trades with."""
        participant_firm = PARTICIPANT_FIRM if firm == FIRM else f"{firm}-Participant"
        user, taken = external_id, self.participants.get(f"firms/{participant_firm}/users/{external_id}")
        # the partner's id may be a name that is taken, or no name at all
        if not _PLAIN.fullmatch(external_id) or (taken is not None and taken.external_id != external_id):
            user = "u-" + blake2b(external_id.encode(), digest_size=12).hexdigest()
        made = self.add(
            user,
            firm=participant_firm,
            clearing_firm=firm,
            dollars=self._world.options.kyc_balance,
            external_id=external_id,
        )
        return Provisioned(made.name, made.accounts[0])

    def deposit(self, account: str, dollars: str) -> None:
        """Bring money into an account; raises Refusal for an unknown account or what is no amount."""
        try:
            amount = dollars_to_money(dollars)
        except ValueError as error:
            raise invalid(str(error)) from error
        for event in self._world.apply(t.Deposit(account=account, amount=amount)):
            if isinstance(event, t.CommandRefused):
                raise invalid(event.text)

    def owner(self, account: str) -> Participant | None:
        """Return the participant an account belongs to."""
        return next((each for each in self.participants.values() if account in each.accounts), None)
