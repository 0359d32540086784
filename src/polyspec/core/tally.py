"""The arithmetic of limits that several processes keep together: one atomic step over plain numbers.

A limit with an even pace is a generic cell rate: one number, when the next place is due. A sliding window is
a log of what left, exact for small ones; of larger ones up to a 64th of the period counts as one moment, its
end, so that no more is ever let through than the venue allows. Times are microseconds of the one clock that
all holders go by. `polyspec.limits.lua` does the same inside Redis, and tests hold the two to each other.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import Final, TypeAlias

import msgspec

__all__ = ["DECREASE", "FLOOR", "GRAINS", "RECOVERY", "Claim", "Place", "Refusal", "State", "Ticket"]

GRAINS: Final = 64
"""Moments a large window is divided into."""
DECREASE: Final = 0.5
"""What a 429 leaves of the rate."""
FLOOR: Final = 1 / 16
"""The least share of the rate that refusals leave."""
RECOVERY: Final = 0.02 / 1e6
"""What comes back of the rate, per microsecond: all of it within 25 seconds of one refusal."""
_ROUNDING: Final = 1.0
_MICRO: Final = 1e6

State: TypeAlias = list[float]
"""Empty: nothing known. A pace: [due]. A window: [moment, count, ...]. A gate: [until, epoch, share, at]."""


class Claim(msgspec.Struct, frozen=True):
    """What a request takes of one limit."""

    key: str
    count: int
    size: float
    """The most that can leave at once: the burst, or the whole window."""
    held: float
    """How much of it is not for this request: what is kept for cancels."""
    span: float
    """Microseconds: from one place to the next, or of the whole window."""
    window: bool
    ahead: bool
    """Whether it is counted only, and does not wait."""
    own: bool
    """Whether it is the limit that a refusal of this operation is about."""

    def shared(self, holders: int) -> Claim:
        """Return what one of so many holders may take without asking the others."""
        if holders <= 1:
            return self
        share = self.size / holders
        if not self.window:
            return msgspec.structs.replace(
                self, size=max(1.0, share), held=self.held / holders, span=self.span * holders
            )
        if share - self.held / holders >= self.count:
            return msgspec.structs.replace(self, size=float(int(share)), held=self.held / holders)
        span = self.span * self.count / (share - self.held / holders)
        return msgspec.structs.replace(self, size=float(self.count), held=0.0, span=span)


class Ticket(msgspec.Struct, frozen=True):
    """A request for places in all limits at once."""

    gates: tuple[str, ...]
    """What may be closed for it: its own gate first, then the one of its address unless it is a cancel."""
    claims: tuple[Claim, ...]


class Place(msgspec.Struct, frozen=True):
    """When a request may leave."""

    wait: float
    """Seconds from now; nothing is booked if that is beyond the patience."""
    epoch: int
    """Changes when a refusal makes places void that were still ahead."""
    gates: tuple[str, ...] = ()
    local: bool = False
    """Whether it is of the share one holder has while it cannot ask the others."""


class Refusal(msgspec.Struct, frozen=True):
    """A 429, for all holders."""

    gate: str
    wait: float
    """Seconds for which nothing passes the gate."""
    claim: Claim | None
    """The limit that was hit, if it is known."""


class Tally:
    """Reserves places in a mapping of states; whoever owns the mapping keeps others out meanwhile."""

    def __init__(self, states: MutableMapping[str, State]) -> None:
        self._states = states

    def reserve(self, ticket: Ticket, now: float, patience: float) -> Place:
        """Book places in all limits at the earliest moment that all of them allow; `patience` in seconds."""
        leaves, epoch, shares = now, 0, []
        for gate in ticket.gates:
            until, number, share = _gate(self._states.get(gate), now)
            leaves, epoch = max(leaves, until), epoch + number
            shares.append(share)
        # the address's share counts for every limit, the operation's own for its own limit only
        common = min(shares[1:], default=1.0)
        own = min(shares, default=1.0)
        for claim in ticket.claims:
            if not claim.ahead:
                state = self._states.get(claim.key, [])
                leaves = max(leaves, _earliest(claim, state, now, own if claim.own else common))
        wait = (leaves - now) / _MICRO
        if wait <= patience:
            for claim in ticket.claims:
                state = self._states.get(claim.key, [])
                self._states[claim.key] = _booked(claim, state, now, leaves, own if claim.own else common)
        return Place(wait, epoch, ticket.gates)

    def refuse(self, refusal: Refusal, now: float) -> None:
        """Close a gate, halve its share of the rate, and make void what lay ahead."""
        state = self._states.get(refusal.gate)
        closed, epoch, share = _gate(state, now)
        until = now + refusal.wait * _MICRO
        if until <= closed + _ROUNDING:
            return
        at = now
        if now >= closed:
            share = max(FLOOR, share * DECREASE)
        elif state:
            # all that was under way when the gate closed is refused as well: that is one refusal
            share, at = state[2], state[3]
        self._states[refusal.gate] = [until, epoch + 1, share, at]
        if refusal.claim is not None:
            key = refusal.claim.key
            self._states[key] = _spent(refusal.claim, self._states.get(key, []), now, until, share)

    def stands(self, place: Place, now: float) -> bool:
        """Tell whether a place is still good: nobody was refused meanwhile."""
        return sum(_gate(self._states.get(gate), now)[1] for gate in place.gates) == place.epoch

    def spend(self, claim: Claim, now: float, until: float) -> None:
        """Take a limit for used up until then."""
        self._states[claim.key] = _spent(claim, self._states.get(claim.key, []), now, until)


def _gate(state: State | None, now: float) -> tuple[float, int, float]:
    """Return until when a gate is closed, how often it was, and its share of the rate by now."""
    if not state:
        return -math.inf, 0, 1.0
    until, epoch, share, at = state
    return until, int(epoch), min(1.0, share + RECOVERY * max(0.0, now - at))


def _earliest(claim: Claim, state: State, now: float, share: float) -> float:
    if not state:
        return now
    if not claim.window:
        size = max(float(claim.count), (claim.size - claim.held) * share)
        ready = state[0] - (size - claim.count) * (claim.span / share)
        return ready if ready > now + _ROUNDING else now
    room = max(claim.count, math.floor((claim.size - claim.held) * share + 1e-9))
    known = claim.count
    for place in range(len(state) - 2, -1, -2):
        known += int(state[place + 1])
        if known > room:
            return max(now, state[place] + claim.span)
    return now


def _booked(claim: Claim, state: State, now: float, leaves: float, share: float) -> State:
    if not claim.window:
        return [max(state[0], leaves) + claim.count * (claim.span / share)] if state else [
            leaves + claim.count * (claim.span / share)
        ]  # fmt: skip
    kept = _recent(state, now - claim.span)
    grain = _grain(claim)
    moment = math.ceil(leaves / grain) * grain if grain else leaves
    place = len(kept)
    while place and kept[place - 2] > moment:
        place -= 2
    if place and kept[place - 2] == moment:
        kept[place - 1] += claim.count
    else:
        kept[place:place] = [moment, float(claim.count)]
    return kept


def _spent(claim: Claim, state: State, now: float, until: float, share: float = 1.0) -> State:
    """Take that share of a limit for used up evenly until then.

    What really left counts as it did, what lies ahead does not.
    """
    if not claim.window:
        early = (claim.size - 1) * claim.span
        left = min(state[0], now + early + claim.span) if state else -math.inf
        return [max(until + early, left)]
    horizon = now + _grain(claim)
    past = _recent(state, now - claim.span)
    while past and past[-2] > horizon:
        del past[-2:]
    size = max(1, math.floor(claim.size * share + 1e-9))
    parts = min(size, GRAINS)
    spread: State = []
    for part in range(parts):
        # places are counted from the newest; a part stands at its newest place
        first, after = part * size // parts, (part + 1) * size // parts
        even = until - first * claim.span / size
        spread[:0] = [max(even, _newest(past, first)), float(after - first)]
    return _merged(_older(past, size) + spread)


def _newest(log: State, skip: int) -> float:
    """Return when the request left that so many left after."""
    for place in range(len(log) - 2, -1, -2):
        skip -= int(log[place + 1])
        if skip < 0:
            return log[place]
    return -math.inf


def _older(log: State, skip: int) -> State:
    """Return what left before the newest so many."""
    end = len(log)
    while end and log[end - 1] <= skip:
        end -= 2
        skip -= int(log[end + 1])
    return [*log[: end - 1], log[end - 1] - skip] if end else []


def _merged(log: State) -> State:
    merged: State = []
    for place in range(0, len(log), 2):
        if merged and merged[-2] == log[place]:
            merged[-1] += log[place + 1]
        else:
            merged.extend(log[place : place + 2])
    return merged


def _recent(state: State, since: float) -> State:
    place = 0
    while place < len(state) and state[place] <= since:
        place += 2
    return state[place:]


def _grain(claim: Claim) -> float:
    return math.floor(claim.span / GRAINS) if claim.size > GRAINS else 0.0


def lasts(state: State, claim: Claim | None, now: float) -> float:
    """Return for how many microseconds a state says more than none."""
    if claim is None:
        until, _, share, at = state
        return max(until, at + (1 - share) / RECOVERY) - now
    return (state[-2] + claim.span if claim.window else state[0]) - now
