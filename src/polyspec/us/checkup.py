"""What can be wrong with a US exchange client, looked at without placing, cancelling or making anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, define, evolve, field
from polyspec_wire import Call
from polyspec_wire.us_exchange import accounts, health

from polyspec.core.checkup import DEADLINE, Found, foreign
from polyspec.core.claims import audiences_of, claims_of, scopes_of
from polyspec.core.effects import Flow, Instant, Now, Reply
from polyspec.core.findings import Finding, Severity, error, info, ok, said, warning
from polyspec.core.sending import Session
from polyspec.errors import AuthError, ConfigError, Forbidden, TransportError
from polyspec.io.checkups import clock, extras, impatient, limits, network
from polyspec.io.options import HttpOptions
from polyspec.io.probing import Place
from polyspec.us.session import Shared

if TYPE_CHECKING:
    from polyspec.us.protos import Protos

__all__ = ["Patient", "Visit", "not_allowed"]

_EXTRAS: Final = {
    "httptools": ("orders go out slower", "us", False),
    "grpc": ("there are no streams, and no calls over gRPC", "grpc", False),
}
_SANDBOX: Final = "sandbox"

# what a scope is for, those a bot needs first
_SCOPES: Final[Mapping[str, str]] = {
    "write:orders": "placing, replacing and cancelling orders",
    "read:orders": "open orders, previews and the stream of orders",
    "read:instruments": "instruments, their ticks and states",
    "read:marketdata": "prices and the streams of market data",
    "read:positions": "positions, balances and ledgers",
    "read:reports": "searching orders, trades and executions",
    "read:accounts": "whoami, users and accounts",
    "read:l2marketdata": "whole order books",
    "read:dropcopy": "drop copies",
}
_NEEDED: Final = tuple(_SCOPES)[:5]

# by the word of the cause of a refused token request: code, and what to do
_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "clock": ("token.clock", "set the clock of this machine, best by NTP"),
    "key": (
        "token.key",
        "use the key that was registered for this client id, or register this one",
    ),
    "client_id": ("token.client_id", "look at the client id, and whether it is of this environment"),
    "client_id_or_key": ("token.client_id", "look at the client id and at the key, and at their environment"),
    "audience": (
        "token.audience",
        "the audience must be the API base URL of the client id's environment",
    ),
    "token_url": ("token.token_url", "spell the token URL exactly as the venue gave it"),
    "stranger": (
        "check.foreign",
        "is the token URL the venue's, and does something on the way (a filter, a proxy) answer in its place",
    ),
    "repeated": ("token.repeated", "take whatever repeats requests out of the way"),
}


@define(frozen=True, kw_only=True)
class Patient:
    """A client, as far as it is looked at."""

    session: Session
    shared: Shared
    participant_id: str | None
    account: str | None
    origin: str
    """In whose name client order ids are used."""
    grpc: bool
    """Whether calls go over gRPC."""
    protos: Callable[[], Protos] = field(repr=False)
    replaced: bool
    """Whether the connections were handed in."""
    symbols: tuple[str, ...] = ()
    """Which instruments to look at, besides those in use."""

    @property
    def http(self) -> HttpOptions:
        """How connections are made."""
        return self.shared.settings.http


def not_allowed(refusal: Forbidden, what: str) -> Finding:
    """Say what a refusal of permission means: of a scope, or of a participant."""
    if (strange := foreign(what, refusal)) is not None:
        return strange
    missing = re.search(r"missing required scope (\S+)", refusal.message)
    if missing is not None:
        scope = missing[1].rstrip(".,")
        return warning(
            "scopes.missing",
            f"{what} cannot be read: the token lacks the scope {scope}",
            "ask the venue to grant it to this client id",
            scope=scope,
        )
    return error(
        "participant.refused",
        f"{what} cannot be read for this participant: {said(refusal)}",
        "use the participant id the venue gave you, unchanged; it cannot be made out of what whoami says",
    )


@define
class Visit:
    """One examination: what a check finds out, later ones use."""

    patient: Patient
    session: Session = Factory(lambda self: impatient(self.patient.session), takes_self=True)
    scopes: frozenset[str] | None = None
    replies: list[Reply] = Factory(list)

    def ask(self, call: Call[Any]) -> Flow[Any]:
        """Send a call, and keep what its answer says of limits."""
        answer = yield from self.session.send(call)
        self.replies.append(answer.reply)
        return answer.value

    # -- the way there --

    def network(self, found: Found) -> Flow[None]:
        """Reach the API, and who gives out tokens."""
        environment = self.patient.shared.environment
        places = {
            (place.host, place.port): place
            for place in (
                Place.of_url("the token endpoint", environment.token_url),
                Place.of_url("the API", environment.base_url),
            )
        }
        yield from network(found, places.values(), self.patient.http, replaced=self.patient.replaced)

    def grpc(self, found: Found) -> Flow[None]:
        """Reach gRPC, which streams need whatever calls go over."""
        environment, http = self.patient.shared.environment, self.patient.http
        if environment.grpc is None:
            yield Now()
            found.append(info("grpc.none", f"the environment {environment.name} has no gRPC: no streams"))
            return
        target = environment.grpc_place(http)
        place = Place.of_target("gRPC", target.target, tls=target.tls)
        reached: Found = []
        yield from network(reached, [place], http, replaced=False)
        # calls go on without it, if they go over REST
        least = Severity.ERROR if self.patient.grpc else Severity.WARNING
        found += [evolve(each, severity=min(each.severity, least)) for each in reached]

    def extras(self, found: Found) -> Flow[None]:
        """Look for what streams and quick orders need."""
        yield Now()
        extras(found, _EXTRAS)

    def protos(self, found: Found) -> Flow[None]:
        """Say whether the protos spoken have the venue's own numbers."""
        from polyspec.us.protos import ours

        yield Now()
        try:
            spoken = self.patient.protos()
        except ConfigError as problem:
            make = error if self.patient.grpc else info
            found.append(
                make(
                    "protos.unreadable",
                    f"there are no protos to speak: {said(problem)}",
                    "see `polyspec protos`",
                )
            )
            return
        if self.patient.shared.environment.name == _SANDBOX:
            found.append(ok("protos.ok", f"the protos of {spoken.source} are spoken, as the sandbox does"))
        elif spoken is ours():
            make = error if self.patient.grpc else info
            found.append(
                make(
                    "protos.assigned",
                    "polyspec's own protos are spoken, in which many numbers are not the venue's: live calls "
                    "and streams that have such numbers are refused here",
                    "run `polyspec protos use` with the bundle the venue gave you",
                )
            )
        elif gaps := spoken.gaps():
            found.append(
                warning(
                    "protos.gaps",
                    f"the protos of {spoken.source} lack {len(gaps)} things that polyspec speaks",
                    "run `polyspec protos show` to see which",
                    gaps=list(gaps[:20]),
                )
            )
        else:
            found.append(ok("protos.ok", f"the protos of {spoken.source} have all that is spoken"))

    def clock(self, found: Found) -> Flow[None]:
        """Compare the clocks."""
        reply = yield from clock(found, self.session, health.health_check())
        self.replies.append(reply)

    # -- who it is --

    def token(self, found: Found) -> Flow[None]:
        """Get an access token, and read what it says."""
        shared = self.patient.shared
        start: Instant = yield Now()
        try:
            token = yield from shared.tokens.token(start.monotonic + DEADLINE)
        except AuthError as refusal:
            code, fix = _CAUSES.get(
                refusal.cause or "", ("token.refused", "look at client id, key, audience and clock")
            )
            found.append(error(code, said(refusal), fix, client_id=shared.credentials.client_id))
            return
        except TransportError as failure:
            found.append(
                error(
                    "token.unreachable",
                    f"the token endpoint gave no answer: {said(failure)}",
                    "look at the network, and at the venue's status page",
                )
            )
            return
        who = shared.credentials.client_id
        found.append(
            ok(
                "token.ok",
                f"the token endpoint gave {who} a token for {token.life:.0f} s",
                client_id=who,
                key=shared.credentials.fingerprint,
                seconds=token.life,
            )
        )
        self._claims(found, claims_of(token.secret))

    def _claims(self, found: Found, claims: Mapping[str, Any] | None) -> None:
        if claims is None:
            found.append(info("token.opaque", "the token is no JWT, so its scopes cannot be read"))
            return
        self.scopes = scopes_of(claims)
        wanted, told = self.patient.shared.environment.audience, audiences_of(claims)
        if told and wanted.rstrip("/") not in {each.rstrip("/") for each in told}:
            found.append(
                warning(
                    "token.other_audience",
                    f"the token is for {', '.join(told)[:200]}, and not for {wanted}",
                    "the audience must be the API base URL of the environment",
                    audience=list(told),
                )
            )

    def scopes_granted(self, found: Found) -> Flow[None]:
        """Compare the scopes of the token with what a bot needs."""
        yield Now()
        if self.scopes is None:
            found.append(info("scopes.unknown", "the token does not tell its scopes"))
            return
        granted = sorted(self.scopes)
        for scope in _SCOPES:
            if scope in self.scopes:
                continue
            make = warning if scope in _NEEDED else info
            found.append(
                make(
                    "scopes.missing",
                    f"the token lacks the scope {scope}, which is for {_SCOPES[scope]}",
                    "ask the venue to grant it to this client id, if you need it",
                    scope=scope,
                )
            )
        if all(scope in self.scopes for scope in _NEEDED):
            found.append(
                ok("scopes.ok", f"the token has {len(granted)} scopes, trading among them", scopes=granted)
            )

    def identity(self, found: Found) -> Flow[None]:
        """Ask who the token belongs to."""
        try:
            who = yield from self.ask(accounts.get_who_am_i())
        except Forbidden as refusal:
            found.append(not_allowed(refusal, "who the token belongs to"))
            return
        found.append(
            ok("identity.ok", f"the token belongs to {who.user} of {who.firm}", user=who.user, firm=who.firm)
        )

    def limits(self, found: Found) -> Flow[None]:
        """Say what is left of the limits."""
        yield from limits(found, self.replies, self.patient.shared.settings.pacing)
