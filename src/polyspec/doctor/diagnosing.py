"""One examination of one venue, from the environment to what a client of it sees."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeVar

from attrs import evolve

import polyspec
from polyspec.core.checkup import DEADLINE, Check, Found, Tell, examine
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import Diagnosis, Finding, info
from polyspec.core.secret import SecretHeaders
from polyspec.doctor.environment import checks, no_client
from polyspec.doctor.variables import FOREIGN, LINE, OWN, STEMS
from polyspec.errors import ConfigError

__all__ = ["VENUES", "configured", "diagnose"]

T = TypeVar("T")

_CLIENTS: Final[Mapping[str, str]] = {
    "us": "UsExchangeClient",
    "clob": "ClobClient",
    "polysimulator": "PolySimulatorClient",
}
VENUES: Final = (*_CLIENTS,)
_IN_LINE: Final[Mapping[str, str]] = {"us": "us_exchange", "clob": "clob", "polysimulator": "polysimulator"}


def configured(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Return the venues that the environment says something of; in a sandbox those that it serves.

    A name that is misspelt says something as well, and so do those of other clients if there is nothing else.
    """
    if line := variables.get(LINE, "").strip():
        # a line that is broken is everybody's trouble
        return [venue for venue in VENUES if f'"{_IN_LINE[venue]}"' in line] or [*VENUES]
    names = [name for name in sorted(variables) if variables[name].strip()]
    meant = {venue for venue in VENUES if any(name.startswith(STEMS[venue]) for name in names)}
    meant |= {variables.get("POLYSPEC_VENUE", "").strip().removeprefix("sandbox:")}.intersection(VENUES)
    ours = [FOREIGN[name] for name in names if name in FOREIGN]
    meant = meant or {venue for venue in VENUES if not {*ours}.isdisjoint(OWN[venue])}
    return [venue for venue in VENUES if venue in meant]


def diagnose(
    venue: str,
    variables: Mapping[str, str] = os.environ,
    *,
    live: bool = False,
    markets: Sequence[str] = (),
    deadline: float = DEADLINE,
    tell: Tell | None = None,
) -> Diagnosis:
    """Examine the environment, then what a client made from it sees; changes nothing anywhere.

    Without ``POLYSPEC_SANDBOX`` the venue itself is asked only if `live`. `markets` are symbols of the US
    exchange, token ids of the CLOB, condition ids of PolySimulator; `deadline` is in seconds, for each check.
    """
    if venue not in _CLIENTS:
        raise ConfigError(f"venue {venue!r} is none of {', '.join(VENUES)}")
    # an error on the way must not carry the environment in its traceback
    variables = SecretHeaders(dict(variables))
    first = _at_once(examine(venue, checks(venue, variables), deadline=deadline, tell=tell))
    if first.errors:
        return _with(first, venue, _skipped("the errors above stand in the way of a client"), tell)
    if not live and not variables.get(LINE, "").strip():
        return _with(first, venue, _skipped("nothing was asked of the venue: --live does that"), tell)
    made: list[Any] = []
    second = _at_once(examine(venue, [_making(venue, variables, made)], deadline=deadline, tell=tell))
    first = Diagnosis.joined((first, second))
    if not made:
        return first
    [client] = made
    with closing(client):
        rest: Diagnosis = client.doctor(markets, deadline=deadline, tell=tell)
    return Diagnosis.joined((first, rest))


def _making(venue: str, variables: Mapping[str, str], made: list[Any]) -> Check:
    """Return the making of a client as a check, since whatever it fails of is a finding."""

    def make(found: Found) -> Flow[None]:
        yield Now()
        try:
            made.append(getattr(polyspec, _CLIENTS[venue]).from_env(variables))
        except ConfigError as problem:
            found.append(no_client(problem, variables))

    return Check("client", make)


def _skipped(why: str) -> Finding:
    return info("check.offline", why)


def _with(
    first: Diagnosis, venue: str, finding: Finding, tell: Callable[[Finding], object] | None
) -> Diagnosis:
    last = evolve(finding, venue=venue, check="client")
    if tell is not None:
        tell(last)
    return Diagnosis((*first.findings, last))


def _at_once(flow: Flow[T]) -> T:
    """Run a flow that asks for nothing but the time."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Now)
            effect = flow.send(Instant(0.0, 0.0))
    except StopIteration as stop:
        result: T = stop.value
        return result
