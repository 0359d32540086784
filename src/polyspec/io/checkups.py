"""What is looked at on every venue: the way there, the clock, the limits, what is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from attrs import evolve
from polyspec_wire import Call

from polyspec.core.checkup import Found
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Do, Flow, Instant, Now, Reply
from polyspec.core.findings import Fact, error, info, ok, said, warning
from polyspec.core.sending import Answer, Session
from polyspec.errors import PolyspecError
from polyspec.io.options import HttpOptions, proxy_shown
from polyspec.io.probing import Place, Probed, probe, proxies_around

__all__ = ["Beating", "clock", "extras", "heartbeats", "impatient", "limits", "network"]

_SOON: Final = 14.0
"""Days before its end from which on a certificate is worth a word."""
_NOTICED: Final = 2.0
_BAD: Final = 30.0
_FEW: Final = 0.1


def impatient(session: Session) -> Session:
    """Return a session that asks twice at most: whoever looks for trouble wants to see it.

    One that looks after its credentials would put the trouble right, by making others.
    """
    plain: Callable[[], Session] | None = getattr(session, "plain", None)
    return evolve(session if plain is None else plain(), max_attempts=min(session.max_attempts, 2))


# -- the way there --


def network(found: Found, places: Iterable[Place], options: HttpOptions, *, replaced: bool) -> Flow[None]:
    """Reach every host, step by step."""
    yield Now()
    if replaced:
        found.append(info("network.replaced", "the connections were handed in, and are not looked at"))
        return
    ignored = proxies_around()
    if options.proxy is not None:
        shown = proxy_shown(options.proxy)
        found.append(info("network.proxy", f"requests go through the proxy {shown}", proxy=shown))
        gate = _gate(options)
        if gate is not None:
            through: Probed = yield Do(lambda: probe(gate, options))
            if through.stage != "done":
                _tell(found, gate, through, [])
        return
    reached = True
    for place in places:
        probed: Probed = yield Do(lambda place=place: probe(place, options))  # type: ignore[misc]
        _tell(found, place, probed, ignored)
        reached = reached and probed.stage == "done"
    if ignored:
        names = ", ".join(ignored)
        make = info if reached else warning
        found.append(
            make(
                "network.proxy_ignored",
                f"{names} of the environment names a proxy, which is not used: credentials travel this way",
                "name it in HttpOptions(proxy=...) if requests are to go through it",
                variables=ignored,
            )
        )


def _gate(options: HttpOptions) -> Place | None:
    """Return where the proxy is, as far as its port; None if its address does not tell."""
    assert options.proxy is not None
    parts = urlsplit(options.proxy.reveal())
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 1080)
    return Place(_GATE, parts.hostname, port, tls=False) if parts.hostname else None


_GATE: Final = "the proxy"
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "dns": ("the name {place.host} cannot be resolved", "look at the name, and at the DNS of this machine"),
    "tcp": (
        "nothing answers at {place}",
        "is the venue up, is the address right, and does a firewall let it through",
    ),
    "tls": (
        "TLS with {place} fails",
        "is the address right, is the clock right, does something on the way open connections; a CA of your "
        "own goes into HttpOptions(verify=...)",
    ),
}


def _tell(found: Found, place: Place, probed: Probed, ignored: list[str]) -> None:
    facts: dict[str, Fact] = {"host": place.host, "port": place.port, "ms": round(probed.seconds * 1000, 1)}
    if probed.stage != "done":
        what, fix = _STEPS[probed.stage]
        if probed.stage == "tcp" and place.host in _HERE and place.name != _GATE:
            fix = "is the sandbox running: begin `polyspec sandbox`, and give the line that it prints then"
        more = " (a proxy of the environment is not used)" if ignored else ""
        found.append(
            error(
                f"network.{probed.stage}",
                f"{place.name}: {what.format(place=place)}: {probed.reason}{more}",
                fix,
                **facts,
            )
        )
        return
    tls = f" by {probed.tls}" if probed.tls else ""
    found.append(
        ok(
            "network.ok",
            f"{place.name} is reached at {place} in {probed.seconds * 1000:.0f} ms{tls}",
            **facts,
            tls=probed.tls,
        )
    )
    if probed.expires is not None and probed.expires < _SOON:
        found.append(
            info(
                "network.certificate",
                f"the certificate of {place.host} ends in {probed.expires:.0f} days",
                "it is the venue's to renew",
                days=round(probed.expires, 1),
            )
        )


# -- the clock --


def clock(
    found: Found,
    session: Session,
    call: Call[Any],
    read: Callable[[Any], float | None] = lambda _: None,
    *,
    signs: bool = True,
) -> Flow[Reply]:
    """Compare the clocks by one open call, whose answer may tell the venue's time; return the answer.

    `signs` says whether requests carry the time, signed.
    """
    answer: Answer[Any] = yield from session.send(call)
    now: Instant = yield Now()
    reply = answer.reply
    dated = ClockOffset().sample(reply.headers.get("date"), now.wall, reply.elapsed)
    told = read(answer.value)
    # whole seconds: half of one is lost on average
    named = None if told is None else told + 0.5 - (now.wall - reply.elapsed / 2)
    offset = dated if named is None else named
    if offset is None:
        found.append(info("clock.unknown", "the venue's answers do not tell its time"))
        return reply
    if named is not None and dated is not None and abs(named - dated) > _BAD:
        found.append(
            warning(
                "clock.contradictory",
                f"the venue's time and the Date of its answers are {abs(named - dated):.0f} s apart",
                "something on the way may answer from memory: go there directly",
                named=round(named, 1),
                dated=round(dated, 1),
            )
        )
    if session.clock.erratic:
        found.append(
            warning(
                "clock.erratic",
                "the Date headers of the venue contradict each other, so the clock is not corrected",
                "set the clock of this machine by NTP",
            )
        )
    _judge(found, offset, session.clock.bound if signs else None)
    return reply


def _judge(found: Found, offset: float, bound: float | None) -> None:
    away = abs(offset)
    facts: dict[str, Fact] = {"offset_seconds": round(offset, 1)}
    side = "behind" if offset > 0 else "ahead of"
    if away <= _NOTICED:
        found.append(ok("clock.ok", "this machine's clock and the venue's agree", **facts))
        return
    what = f"this machine's clock is {away:.0f} s {side} the venue's"
    if bound is None:
        make = warning if away > _BAD else info
        found.append(
            make(
                "clock.off",
                f"{what}; orders that end at a moment end by the venue's",
                "set it by NTP",
                **facts,
            )
        )
    elif away > bound:
        found.append(
            error(
                "clock.refused",
                f"{what}, more than the {bound:g} s that are corrected: nothing is signed",
                "set it, best by NTP",
                **facts,
            )
        )
    else:
        make = warning if away > _BAD else info
        found.append(
            make("clock.corrected", f"{what}; what is signed is corrected for it", "set it by NTP", **facts)
        )


# -- limits --


class _Share(Protocol):
    """A part in limits that other processes share."""

    up: bool
    """Whether the place they are kept at was reached when it was asked last."""

    def look(self, name: str) -> object:
        """Ask there for something by name."""
        ...


def limits(found: Found, replies: Iterable[Reply], pacing: object) -> Flow[None]:
    """Say what is left of the venue's limits, as far as its answers tell, and who else counts along.

    `pacing` is the setting of the client.
    """
    yield Now()
    share: _Share | None = getattr(pacing, "share", None)
    if share is not None:
        yield from _shared(found, share)
    if pacing is False:
        found.append(
            warning(
                "limits.pacing_off",
                "pacing is off, so nothing is held back before the venue refuses it",
                "leave pacing on, unless something else keeps the pace",
            )
        )
    told = _least(replies)
    if told is None:
        paced = "; the client keeps to the published ones" if pacing is not False else ""
        found.append(info("limits.unknown", f"the venue's answers tell nothing of its limits{paced}"))
        return
    left, limit = told
    facts: dict[str, Fact] = {"remaining": left, "limit": limit}
    of = "" if limit is None else f" of {limit}"
    if left <= 0 or (limit is not None and left < _FEW * limit):
        found.append(
            warning(
                "limits.low",
                f"{max(left, 0)}{of} requests are left in this window",
                "ask less often, or find out who else uses this key or this address",
                **facts,
            )
        )
    else:
        found.append(ok("limits.ok", f"{left}{of} requests are left in this window", **facts))


def _shared(found: Found, share: _Share) -> Flow[None]:
    yield Do(lambda: share.look("doctor"))
    if share.up:
        found.append(ok("limits.shared", "other processes count along, at the place that was named"))
    else:
        found.append(
            warning(
                "limits.alone",
                "the place of shared limits is not reached, so this process keeps to its part of them alone",
                "look at Redis, or at the file: nothing is sent too fast meanwhile, but slower than need be",
            )
        )


_REMAINING: Final = re.compile(r"(?:x-|poly-|x-polysim-)?ratelimit-remaining")


def _least(replies: Iterable[Reply]) -> tuple[int, int | None] | None:
    """Return the smallest number of requests left, and of how many."""
    found: list[tuple[int, int | None]] = []
    for reply in replies:
        for name, text in reply.headers.items():
            if _REMAINING.fullmatch(name) and (left := _number(text)) is not None:
                found.append((left, _number(reply.headers.get(name.replace("remaining", "limit"), ""))))
    return min(found, key=lambda each: each[0], default=None)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text.strip()) else None


# -- heartbeats --


class Beating(Protocol):
    """Heartbeats that run."""

    @property
    def alive(self) -> bool:
        """Whether the venue has heard a beat in time."""
        ...

    @property
    def beats(self) -> int:
        """Beats the venue accepted."""
        ...

    @property
    def error(self) -> PolyspecError | None:
        """What the last beat failed of."""
        ...


def heartbeats(found: Found, running: Iterable[Beating]) -> None:
    """Say whether heartbeats run, and are heard."""
    listed = list(running)
    if not listed:
        found.append(info("heartbeats.none", "no heartbeats run here: open orders stay if this program dies"))
    for each in listed:
        if each.alive:
            found.append(
                ok("heartbeats.ok", f"the venue has heard {each.beats} heartbeats", beats=each.beats)
            )
            continue
        why = "" if each.error is None else f" ({said(each.error)})"
        found.append(
            error(
                "heartbeats.silent",
                f"the venue has not heard a heartbeat in time{why}, and cancels the orders",
                "look at the network and the credentials, then begin them anew",
                beats=each.beats,
            )
        )


# -- what is installed --


def extras(found: Found, wanted: Mapping[str, tuple[str, str, bool]]) -> None:
    """Say which libraries are missing.

    By module: what is not there without it, which extra has it, and whether that is more than a nicety.
    """
    missing = {module: told for module, told in wanted.items() if not _installed(module)}
    for module, (purpose, extra, needed) in missing.items():
        make = warning if needed else info
        found.append(
            make(
                "extras.missing",
                f"{module} is not installed, without which {purpose}",
                f"pip install 'polyspec[{extra}]'",
                module=module,
                extra=extra,
            )
        )
    if not missing:
        found.append(ok("extras.ok", f"{', '.join(wanted)} are installed"))


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        # a parent that is missing, or one that was taken out by hand
        return False
