"""One examination of one venue, from the environment to what a client of it sees."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeVar

from attrs import evolve

import polyspec
from polyspec.core.checkup import DEADLINE, Tell, examine
from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.findings import Diagnosis, Finding, error, info, said
from polyspec.core.secret import SecretHeaders
from polyspec.doctor.environment import checks
from polyspec.doctor.variables import LINE, OWN
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
    """Return the venues that the environment says something of; in a sandbox those that it serves."""
    if line := variables.get(LINE, "").strip():
        # a line that is broken is everybody's trouble
        return [venue for venue in VENUES if f'"{_IN_LINE[venue]}"' in line] or [*VENUES]
    return [venue for venue in VENUES if any(variables.get(name, "").strip() for name in OWN[venue])]


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
    try:
        client: Any = getattr(polyspec, _CLIENTS[venue]).from_env(variables)
    except ConfigError as problem:
        failure = error(
            "env.invalid", f"the environment makes no client: {said(problem)}", "correct it there"
        )
        return _with(first, venue, failure, tell)
    with closing(client):
        rest: Diagnosis = client.doctor(markets, deadline=deadline, tell=tell)
    return Diagnosis.joined((first, rest))


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
