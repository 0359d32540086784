"""API keys of the CLOB: derived and created with the key of the wallet, one at a time for each wallet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from attrs import evolve, frozen
from msgspec.structs import replace
from polyspec_wire import Call, Operation
from polyspec_wire.clob import auth
from polyspec_wire.clob import orders as order_calls

from polyspec.clob.credentials import ApiCreds
from polyspec.clob.keyring import Keyring, create_once, derive
from polyspec.clob.session import ClobAuthority
from polyspec.core.effects import Flow, Instant, Now, Request
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.errors import BadRequest, ConfigError, NotFound, PolyspecError, Unauthorized
from polyspec.managed.issuing import unusable
from polyspec.vault.values import Stored

__all__ = ["ClobIssuer", "owned", "quiet", "signs"]

_PUBLIC: Final = ("api_key",)
_SECRET: Final = ("api_secret", "api_passphrase")


def signs(operation: Operation) -> bool:
    """Tell whether an operation carries API credentials."""
    first = operation.security[0] if operation.security else ()
    return any(name == "l2" for name, _ in first)


def owned(keyring: Keyring, call: Call[object]) -> Call[object]:
    """Return a call whose orders belong to the API key in use; what was signed of them stays the same."""
    posts = call.operation in (order_calls.POST_ORDER, order_calls.POST_ORDERS)
    if not posts or keyring.held is None or not isinstance(call.body, bytes):
        return call
    name, parts = f'"owner":"{keyring.held.api_key}"'.encode(), call.body.split(b'"owner":"')
    body = parts[0] + b"".join(name + part[part.index(b'"') + 1 :] for part in parts[1:])
    return call if body == call.body else replace(call, body=body)


def quiet(session: Session) -> ClobAuthority:
    """Return what signs for a session, and leaves refusals to the ladder."""
    assert isinstance(session.authority, ClobAuthority)
    return _Quiet(session.authority)


@frozen
class ClobIssuer:
    """Asks in the name of one wallet; a key that was made again keeps its nonce counting up."""

    overlap: ClassVar[float] = 0.0
    clocked: ClassVar[bool] = True
    settles: ClassVar[bool] = True

    session: Session
    """The plain one, without a ladder."""
    can_sign: bool
    """Whether the key of the wallet is at hand."""

    def read(self, stored: Stored) -> ApiCreds:
        """Take credentials out of a record of the vault."""
        if any(name not in stored.public for name in _PUBLIC) or any(
            name not in stored.secrets for name in _SECRET
        ):
            raise unusable(str(stored.id), (*_PUBLIC, *_SECRET))
        nonce = stored.public.get("nonce", "")
        return ApiCreds(
            stored.public["api_key"],
            *(stored.secrets[name] for name in _SECRET),
            nonce=int(nonce) if nonce.isdigit() else None,
        )

    def write(self, creds: ApiCreds) -> tuple[Mapping[str, Secret], Mapping[str, str]]:
        """Return the secrets and the public values of a record."""
        secrets = {"api_secret": creds.api_secret, "api_passphrase": creds.api_passphrase}
        nonce = {} if creds.nonce is None else {"nonce": str(creds.nonce)}
        return secrets, {"api_key": creds.api_key, **nonce}

    def label(self, creds: ApiCreds) -> str:
        """Return the beginning of the key's id."""
        return creds.api_key[:8]

    def sample_clock(self, until: float) -> Flow[None]:
        """Ask for the time; the session learns from the answer."""
        ask = quiet(self.session).ask_time
        if ask is not None:
            yield from ask(until)

    def probe(self, creds: ApiCreds, until: float) -> Flow[bool]:
        """List the keys of the wallet with one of them."""
        answer = yield from self._with(creds).send(auth.get_api_keys(), until=until)
        return creds.api_key in answer.value.api_keys

    def derive(self, creds: ApiCreds | None, until: float) -> Flow[ApiCreds | None]:
        """Return the key that the nonce stands for; None if the venue says that there is none.

        One that was replaced, and whose successor nobody came to store, is followed by that.
        """
        self._check()
        found = yield from self._derived(_nonce(creds), until)
        if creds is None or (found is not None and found.api_key != creds.api_key):
            return found
        if creds.nonce is None:
            # of a key whose nonce nobody noted it says nothing
            return creds
        return (yield from self._derived(creds.nonce + 1, until)) or found

    def _derived(self, nonce: int, until: float) -> Flow[ApiCreds | None]:
        try:
            return (yield from derive(self.session, nonce, (yield from _left(until))))
        except BadRequest as error:
            if error.maybe_executed:
                # not in the venue's words
                raise
            return None

    def create(self, creds: ApiCreds | None, until: float) -> Flow[ApiCreds]:
        """Create a key with the next nonce, or with the first one if there was none.

        Whoever does the same at the same time gets the same key.
        """
        self._check()
        nonce = 0 if creds is None else _nonce(creds) + 1
        try:
            return (yield from create_once(self.session, nonce, (yield from _left(until))))
        except PolyspecError as error:
            # made by another process, or the answer was lost: then there is something to derive now
            if not isinstance(error, BadRequest) and not error.maybe_executed:
                raise
            first = error
        try:
            return (yield from derive(self.session, nonce, (yield from _left(until))))
        except BadRequest:
            raise first from None

    def replace(self, creds: ApiCreds, until: float) -> Flow[ApiCreds]:
        """Create a key with the next nonce."""
        fresh = yield from self.create(creds, until)
        while fresh.api_key == creds.api_key:
            # its nonce was not known, and turned out to be the next one
            fresh = yield from self.create(fresh, until)
        return fresh

    def retire(self, creds: ApiCreds, fresh: ApiCreds, until: float) -> Flow[None]:
        """Delete a key that was replaced, where the venue has not done so itself.

        Raises PolyspecError if orders rest that `fresh` does not reach: without the old key nobody could
        cancel them.
        """
        old = self._with(creds)
        try:
            resting = (yield from old.send(order_calls.get_open_orders(), until=until)).value.data
        except Unauthorized:
            # as it does if a wallet has one key at a time
            return
        if resting:
            yield from self._reached(resting[0].id, creds, fresh, until)
        yield from old.send(auth.delete_api_key(), until=until)

    def _reached(self, order_id: str, creds: ApiCreds, fresh: ApiCreds, until: float) -> Flow[None]:
        # the venue does not say whether orders belong to the key or to the wallet
        try:
            yield from self._with(fresh).send(order_calls.get_order(order_id), until=until)
        except (NotFound, Unauthorized) as error:
            nonce = "" if creds.nonce is None else f" (nonce {creds.nonce})"
            raise PolyspecError(
                f"orders rest that the new API key does not reach ({type(error).__name__}); so the old one, "
                f"{self.label(creds)}{nonce}, was not deleted: cancel with it what rests, then delete it"
            ) from None

    def discard(self, creds: ApiCreds, until: float) -> Flow[None]:
        """Do nothing: what was stored first is the same key, or the venue has ended this one."""
        del creds, until
        yield from ()

    def _with(self, creds: ApiCreds) -> Session:
        authority = quiet(self.session)
        authority.keyring, authority.obtain = Keyring(creds), None
        return evolve(self.session, authority=authority, max_attempts=1)

    def _check(self) -> None:
        if not self.can_sign:
            raise ConfigError(
                "the key of the wallet is not in the vault, so there is nothing to ask for others with"
            )


class _Quiet(ClobAuthority):
    """Signs as another does: that it is refused is the ladder's business, and to be told as it is."""

    def __init__(self, inner: ClobAuthority) -> None:
        self.__dict__.update(inner.__dict__)

    def refused(self, request: Request) -> bool:
        """Do not send it again at once."""
        del request
        return False

    def advice(self, request: Request) -> str:
        """Add nothing."""
        del request
        return ""


def _nonce(creds: ApiCreds | None) -> int:
    return 0 if creds is None or creds.nonce is None else creds.nonce


def _left(until: float) -> Flow[float]:
    now: Instant = yield Now()
    return max(0.0, until - now.monotonic)
