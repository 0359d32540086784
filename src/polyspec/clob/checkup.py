"""What can be wrong with a CLOB client, looked at without placing, cancelling or making anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, define, field
from polyspec_wire import Call
from polyspec_wire.clob import auth, health

from polyspec.clob import curve, keccak
from polyspec.clob.contracts import VERSIONS
from polyspec.clob.credentials import ApiCreds
from polyspec.clob.keyring import derive
from polyspec.clob.market import TokenMarkets
from polyspec.clob.wallets import Account
from polyspec.core.checkup import Found, foreign
from polyspec.core.effects import Flow, Instant, Now, Reply
from polyspec.core.findings import error, info, ok, said, warning
from polyspec.core.paging import items, next_page
from polyspec.core.sending import Session
from polyspec.errors import ApiError, BadRequest, NotFound, Unauthorized
from polyspec.io.checkups import Beating, clock, extras, heartbeats, impatient, limits, network
from polyspec.io.checkups_vault import filed
from polyspec.io.options import HttpOptions
from polyspec.io.probing import Place

__all__ = ["Patient", "Visit"]

_PREFIX: Final = 8
"""Characters of an API key id that are shown: enough to tell keys apart."""

_EXTRAS: Final = {
    "httptools": ("orders go out slower", "clob", False),
    "websockets": ("there are no streams", "clob", False),
}


@define(frozen=True, kw_only=True)
class Patient:
    """A client, as far as it is looked at."""

    host: str
    session: Session
    trial: Callable[[ApiCreds], Session]
    """Opens a session with given credentials, which never makes others."""
    creds: ApiCreds | None = field(repr=False)
    nonce: int
    address: str | None
    account: Account | None
    chain_id: int
    version: int | None
    """The version of orders it signs for ordinary tokens; None if it signs none."""
    markets: TokenMarkets
    beating: Collection[Beating]
    """The heartbeats that run."""
    http: HttpOptions
    replaced: bool
    """Whether the connections were handed in."""
    pacing: object
    """The setting."""
    tokens: tuple[str, ...] = ()
    """Whose markets to look at, besides those in use."""


@define
class Visit:
    """One examination: what a check finds out, later ones use."""

    patient: Patient
    session: Session = Factory(lambda self: impatient(self.patient.session), takes_self=True)
    signed: Session | None = None
    """With credentials that the venue takes; None without."""
    api_key: str = ""
    version: int | None = None
    """Which the venue takes."""
    replies: list[Reply] = Factory(list)

    def ask(self, session: Session, call: Call[Any]) -> Flow[Any]:
        """Send a call, and keep what its answer says of limits."""
        answer = yield from session.send(call)
        self.replies.append(answer.reply)
        return answer.value

    def pages(self, call: Call[Any], most: int = 5) -> Flow[tuple[list[Any], bool]]:
        """Return what a call of one's own lists, and whether there is more."""
        assert self.signed is not None
        found: list[Any] = []
        following: Call[Any] | None = call
        for _ in range(most):
            if following is None:
                break
            page = yield from self.ask(self.signed, following)
            found += items(following, page)
            following = next_page(following, page)
        return found, following is not None

    # -- the way there --

    def network(self, found: Found) -> Flow[None]:
        """Reach the host."""
        patient = self.patient
        place = Place.of_url("the CLOB", patient.host)
        yield from network(found, [place], patient.http, replaced=patient.replaced)

    def extras(self, found: Found) -> Flow[None]:
        """Look for what makes signing fast."""
        yield Now()
        if curve.backend() != "coincurve":
            found.append(
                warning(
                    "extras.slow_signing",
                    "orders are signed in plain Python, over ten times slower, as coincurve is not installed",
                    "pip install 'polyspec[clob]'",
                    backend=curve.backend(),
                )
            )
        if keccak.backend() == "python":
            found.append(
                warning(
                    "extras.slow_hashing",
                    "hashes are made in plain Python, as neither pycryptodome nor safe-pysha3 is installed",
                    "pip install 'polyspec[clob]'",
                )
            )
        extras(found, _EXTRAS)

    def clock(self, found: Found) -> Flow[None]:
        """Compare the clocks."""
        reply = yield from clock(found, self.session, health.get_server_time(), float)
        self.replies.append(reply)

    def protocol(self, found: Found) -> Flow[None]:
        """Compare the version of orders the venue takes with what this client signs."""
        told = yield from self.ask(self.session, health.get_version())
        self.version = version = told.version
        if version not in VERSIONS or version == 1:
            found.append(
                error(
                    "protocol.unknown",
                    f"the venue takes orders of version {version}, which this polyspec cannot sign",
                    "install a newer polyspec",
                    venue=version,
                )
            )
        elif self.patient.version is not None and version != self.patient.version:
            found.append(
                info(
                    "protocol.other",
                    f"the venue takes orders of version {version}, this client signs {self.patient.version} "
                    "until the first is refused, and the other from then on",
                    venue=version,
                    client=self.patient.version,
                )
            )
        else:
            found.append(ok("protocol.ok", f"the venue takes orders of version {version}", venue=version))

    # -- who it is --

    def credentials(self, found: Found) -> Flow[None]:
        """Derive the API credentials, and ask with those in use; never makes any."""
        patient = self.patient
        given = patient.creds or (yield from filed(patient.session))
        if patient.account is None and (given is None or patient.address is None):
            found.append(
                info(
                    "credentials.none",
                    "the client has no wallet key, so it can read what is public and no more",
                    "give key, or set POLYSPEC_CLOB_PRIVATE_KEY",
                )
            )
            return
        derived: ApiCreds | None = None
        if patient.account is not None:
            try:
                derived = yield from derive(self.session, patient.nonce, None)
            except BadRequest as refusal:
                if refusal.maybe_executed:
                    raise
            except Unauthorized as refusal:
                found.append(foreign("credentials", refusal) or self._l1_refused(refusal))
                return
        held = given or derived
        if held is None:
            found.append(
                info(
                    "credentials.absent",
                    f"there are no API credentials of nonce {patient.nonce} yet",
                    "the first request that needs them makes them; wallet, allowance and orders show then",
                    nonce=patient.nonce,
                )
            )
            return
        yield from self._try(found, held, derived)

    def _l1_refused(self, refusal: ApiError) -> Any:
        return error(
            "credentials.l1_refused",
            f"the venue does not take the signature of the wallet key: {said(refusal)}",
            f"look at the clock, and whether chain {self.patient.chain_id} is the venue's",
            chain_id=self.patient.chain_id,
        )

    def _try(self, found: Found, held: ApiCreds, derived: ApiCreds | None) -> Flow[None]:
        session = impatient(self.patient.trial(held))
        try:
            told = yield from self.ask(session, auth.get_api_keys())
        except Unauthorized as refusal:
            found.append(foreign("credentials", refusal) or self._refused(held, derived, refusal))
            return
        self.signed, self.api_key = session, held.api_key
        shown = held.api_key[:_PREFIX]
        if held.api_key not in told.api_keys:
            found.append(
                warning(
                    "credentials.unlisted",
                    f"the API key {shown}... works, but is not among the {len(told.api_keys)} listed",
                    "it may be about to lapse: create_api_key(nonce) renews it",
                    api_key=shown,
                )
            )
        elif derived is not None and derived.api_key != held.api_key:
            found.append(
                info(
                    "credentials.other_nonce",
                    f"the API key {shown}... works, and is not that of nonce {self.patient.nonce}",
                    api_key=shown,
                )
            )
        else:
            found.append(
                ok(
                    "credentials.ok",
                    f"the API key {shown}... works, and is one of {len(told.api_keys)} of this wallet",
                    api_key=shown,
                    listed=len(told.api_keys),
                )
            )

    def _refused(self, held: ApiCreds, derived: ApiCreds | None, refusal: ApiError) -> Any:
        """Say what is wrong with credentials by what the wallet key derives."""
        shown, nonce = held.api_key[:_PREFIX], self.patient.nonce
        if self.patient.account is None:
            return error(
                "credentials.refused",
                f"the API credentials {shown}... are refused: {said(refusal)}",
                "compare them, and the address of their wallet, with what the venue gave out",
                api_key=shown,
            )
        if derived is None:
            return error(
                "credentials.deleted",
                f"the API credentials {shown}... are refused, and the key has none of nonce {nonce}",
                "they were deleted or are another wallet's: leave them out, and the client makes its own",
                api_key=shown,
                nonce=nonce,
            )
        if derived.api_key != held.api_key:
            return error(
                "credentials.replaced",
                f"the API credentials {shown}... are refused; those of nonce {nonce} are others",
                "they are another wallet's, or were replaced: leave them out, and the client derives its own",
                api_key=shown,
                derived=derived.api_key[:_PREFIX],
            )
        if (derived.api_secret, derived.api_passphrase) != (held.api_secret, held.api_passphrase):
            return error(
                "credentials.secret",
                f"the API key {shown}... is right, but its secret or its passphrase is not",
                f"leave all three out, or take those that derive_api_key({nonce}) returns",
                api_key=shown,
            )
        return error(
            "credentials.lapsed",
            f"the API credentials {shown}... exist, and the venue refuses them all the same",
            "fresh ones may take two minutes; create_api_key(nonce) brings lapsed ones back",
            api_key=shown,
        )

    def restrictions(self, found: Found) -> Flow[None]:
        """Ask whether the account may trade."""
        if self.signed is None:
            return
        try:
            told = yield from self.ask(self.signed, auth.get_closed_only_mode())
        except NotFound as refusal:
            if refusal.body is not None:
                raise
            found.append(
                info("restrictions.unknown", "the venue has no word on restrictions of this account")
            )
            return
        if told.closed_only:
            found.append(
                warning(
                    "restrictions.closed_only",
                    "the account may only close positions: new ones are refused",
                    "ask the venue why; the region of the account is a common reason",
                )
            )
        else:
            found.append(ok("restrictions.ok", "the account may open and close positions"))

    # -- while it trades --

    def heartbeats(self, found: Found) -> Flow[None]:
        """Say whether heartbeats run, and are heard."""
        yield Now()
        heartbeats(found, self.patient.beating)

    def limits(self, found: Found) -> Flow[None]:
        """Say what is left of the limits."""
        yield from limits(found, self.replies, self.patient.pacing)

    def tokens(self, most: int = 5) -> Iterator[str]:
        """Return whose markets to look at: those named, else some of those in use."""
        yield from self.patient.tokens or self.patient.markets.tokens()[:most]

    def now(self) -> Flow[float]:
        """Return the venue's time."""
        instant: Instant = yield Now()
        return self.session.clock.correct(instant.wall)


def dollars(amount: Decimal) -> str:
    """Write an amount, unlimited ones as a word."""
    return "an unlimited amount" if amount > Decimal(10) ** 30 else f"{amount.normalize():f}"
