"""What every request to the CLOB carries: wallet signatures, HMACs, and the pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from weakref import WeakValueDictionary

from polyspec_wire import Call, Operation
from polyspec_wire.clob.health import get_server_time

from polyspec.clob.config import ClobSettings
from polyspec.clob.credentials import ApiCreds, BuilderCreds
from polyspec.clob.keyring import Keyring, create_or_derive
from polyspec.clob.l1 import l1_digest, l1_headers_of
from polyspec.clob.l2 import builder_headers, l2_headers
from polyspec.clob.order import SignedOrder, UnsignedOrder
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import ExternalSigner, LocalSigner, Signer, as_signature, check_signature
from polyspec.core.clock import ClockOffset
from polyspec.core.effects import Do, Flow, Instant, Now, Request
from polyspec.core.pacing import Pacer, RetryQuota
from polyspec.core.secret import SecretHeaders
from polyspec.core.sending import Session
from polyspec.core.sharing import SharedPacer
from polyspec.errors import ConfigError, PolyspecError

__all__ = ["ClobAuthority", "open_session", "sign_hash", "sign_order"]

_SIGNATURE: Final = "POLY_SIGNATURE"
_NONCE: Final = "POLY_NONCE"
_TIME_PATIENCE: Final = 3.0
_NO_HEADERS: Final[Mapping[str, str]] = {}

_pacers: WeakValueDictionary[tuple[object, ...], Pacer | SharedPacer] = WeakValueDictionary()
_pacers_lock = threading.Lock()


def sign_hash(signer: Signer, digest: bytes) -> Flow[bytes]:
    """Sign a digest: at once with a key at hand, off the loop with one in a vault."""
    if isinstance(signer, LocalSigner):
        return signer.sign_hash(digest)
    ask = signer.ask if isinstance(signer, ExternalSigner) else signer.sign_hash
    signature = as_signature((yield Do(lambda: ask(digest))))
    # a vault may sign with another key, or sign something else, and the venue would not say so
    check_signature(signer.address, digest, signature)
    return signature


def sign_order(maker: OrderSigner, order: UnsignedOrder, signer: Signer) -> Flow[SignedOrder]:
    """Sign an order, wherever the key is."""
    if isinstance(signer, LocalSigner):
        return maker.sign(order)
    signature = yield from sign_hash(signer, maker.digest(order))
    return maker.finish(order, signature)


_known_schemes: dict[str, tuple[frozenset[str], ...]] = {}


def _schemes(operation: Operation) -> tuple[frozenset[str], ...]:
    found = _known_schemes.get(operation.id)
    if found is None:
        found = tuple(frozenset(name for name, _ in each) for each in operation.security) or (frozenset(),)
        _known_schemes[operation.id] = found
    return found


class ClobAuthority:
    """Signs the calls whose security asks for it, each attempt anew."""

    def __init__(
        self,
        *,
        signer: Signer | None,
        address: str | None,
        chain_id: int,
        keyring: Keyring,
        clock: ClockOffset,
        builder: BuilderCreds | None = None,
    ) -> None:
        self._signer = signer
        self._address = address
        self._chain_id = chain_id
        self.keyring = keyring
        self._clock = clock
        self._builder = builder
        self.obtain: Callable[[float], Flow[ApiCreds]] | None = None
        """Gets credentials when there are none; set by who knows how to send."""
        self.ask_time: Callable[[float], Flow[None]] | None = None
        """Asks the venue for its time before the given monotonic second; set by who knows how to send."""

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the headers of the first alternative of the operation this client can meet."""
        alternatives = _schemes(call.operation)
        for schemes in alternatives:
            if not schemes:
                return _NO_HEADERS
            if "l2" in schemes and self._can_l2:
                creds = self.keyring.held or (yield from self.creds(deadline))
                # the time is read last: obtaining credentials may have taken a while
                now: Instant = yield Now()
                self._clock.notice(now)
                if self._clock.wants_probe(now):
                    now = yield from self._asked_the_time(now)
                return self._l2(call, body, creds, now)
            if "l1" in schemes and self._signer is not None:
                return (yield from self._l1(call, self._signer))
            if "builder" in schemes and self._builder is not None:
                now = yield Now()
                stamp = int(self._clock.stamp(now))
                return builder_headers(self._builder, stamp, call.operation.method, call.path, body)
        raise ConfigError(
            f"{call.operation.name} needs {_needs(alternatives)}: give it when the client is made"
        )

    def creds(self, deadline: float) -> Flow[ApiCreds]:
        """Return the API credentials in use, obtaining them if there are none yet."""
        if self.keyring.held is not None:
            return self.keyring.held
        if self.obtain is None:
            raise ConfigError("this needs API credentials, or a wallet key to derive them with")
        return (yield from self.keyring.creds(self.obtain, deadline))

    @property
    def _can_l2(self) -> bool:
        return self._address is not None and (self.keyring.held is not None or self.obtain is not None)

    def _asked_the_time(self, now: Instant) -> Flow[Instant]:
        """Ask the venue for its time, since ours was set or is too far off; return what ours shows then."""
        if self.ask_time is not None:
            with suppress(PolyspecError):
                yield from self.ask_time(now.monotonic + _TIME_PATIENCE)
        after: Instant = yield Now()
        return after

    def _l2(self, call: Call[Any], body: bytes, creds: ApiCreds, now: Instant) -> Mapping[str, str]:
        stamp = int(self._clock.stamp(now))
        assert self._address is not None
        return l2_headers(creds, self._address, stamp, call.operation.method, call.path, body)

    def _l1(self, call: Call[Any], signer: Signer) -> Flow[Mapping[str, str]]:
        nonce = int(dict(call.headers).get(_NONCE, "0"))
        now: Instant = yield Now()
        self._clock.notice(now)
        if self._clock.wants_probe(now):
            now = yield from self._asked_the_time(now)
        stamp = int(self._clock.stamp(now))
        signature = yield from sign_hash(signer, l1_digest(signer.address, self._chain_id, stamp, nonce))
        headers = l1_headers_of(signer.address, signature, stamp, nonce)
        # the nonce travels with the call already
        told = dict(call.headers)
        return SecretHeaders({name: value for name, value in headers.items() if name not in told})

    def refused(self, request: Request) -> bool:
        """Tell whether a request that was refused may do better signed at another second.

        The venue refuses good credentials once in a while, and the answer told us its time.
        """
        return any(name == _SIGNATURE for name, _ in request.headers)

    def advice(self, request: Request) -> str:
        """Say which of key, wallet and chain it can be, now that it was signed at the venue's own time."""
        if any(name == _NONCE for name, _ in request.headers):
            return (
                f"refused at the venue's own time as well, so it is not the clock: is chain {self._chain_id} "
                f"the venue's, and did the key of {self._address} sign?"
            )
        return (
            "refused at the venue's own time as well, so it is not the clock: these API credentials were "
            f"deleted, are not those of {self._address}, or have lapsed; create_api_key(nonce) brings lapsed "
            "ones back, derive_api_key(nonce) tells those that there are"
        )


def _needs(alternatives: tuple[frozenset[str], ...]) -> str:
    names = {
        "l1": "a wallet key",
        "l2": "a wallet key, or API credentials with the address of their wallet",
        "builder": "builder credentials",
    }
    return " or ".join(names.get(each, each) for schemes in alternatives for each in sorted(schemes))


def _pacer(host: str, address: str | None, settings: ClobSettings) -> Pacer | SharedPacer:
    """Return this process's pacer for a venue: it counts requests per machine, and orders per wallet."""
    pacing = settings.pacing
    if not pacing:
        return Pacer(settings.tier, enabled=False)
    wallet = (address or "",) if settings.keep_unenforced else ()
    key = (host, settings.tier, pacing, *wallet)
    with _pacers_lock:
        pacer = _pacers.get(key)
        if pacer is None:
            tier, unenforced = settings.tier, settings.keep_unenforced
            pacer = _pacers[key] = (
                Pacer(tier, keep_unenforced=unenforced)
                if pacing is True
                else pacing.pacer(
                    venue=host, user=(address or "").lower(), tier=tier, keep_unenforced=unenforced
                )
            )
        return pacer


def open_session(
    host: str,
    settings: ClobSettings,
    chance: Callable[[], float],
    *,
    signer: Signer | None,
    address: str | None,
    chain_id: int,
    keyring: Keyring,
    builder: BuilderCreds | None,
) -> Session:
    """Put the session of one wallet together."""
    clock, quota, pacer = ClockOffset(settings.clock_bound), RetryQuota(), _pacer(host, address, settings)

    def session(ring: Keyring) -> Session:
        return Session(
            base_url=host,
            authority=ClobAuthority(
                signer=signer,
                address=address,
                chain_id=chain_id,
                keyring=ring,
                clock=clock,
                builder=builder,
            ),
            chance=chance,
            pacer=pacer,
            quota=quota,
            patience=settings.patience,
            clock=clock,
            max_attempts=settings.max_attempts,
        )

    opened = session(keyring)

    def ask_time(until: float) -> Flow[None]:
        answer = yield from opened.send(get_server_time(), until=until)
        now: Instant = yield Now()
        clock.tell(answer.value, now.wall, answer.reply.elapsed)

    assert isinstance(opened.authority, ClobAuthority)
    opened.authority.ask_time = ask_time
    if signer is not None:

        def obtain(deadline: float) -> Flow[ApiCreds]:
            now: Instant = yield Now()
            left = max(0.0, deadline - now.monotonic)
            trial = lambda creds: session(Keyring(creds))  # noqa: E731
            return (yield from create_or_derive(opened, keyring.nonce, left, trial, settings.activation))

        opened.authority.obtain = obtain
    return opened
