"""The private key of a firm at the US exchange: the venue takes it at onboarding, and issues no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, NoReturn

from attrs import field, frozen
from polyspec_wire import Call, Operation
from polyspec_wire.us_exchange import accounts

from polyspec.core.effects import Flow, Request
from polyspec.core.secret import Secret
from polyspec.core.sending import Authority, Session
from polyspec.errors import ConfigError
from polyspec.managed.issuing import unusable
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.config import Environment
from polyspec.vault.values import Stored

__all__ = ["UsAuthority", "UsIssuer", "UsKey", "UsSigner", "read_key", "signs"]

_KEY: Final = "private_key"
_CLIENT: Final = "client_id"


def signs(operation: Operation) -> bool:
    """Tell whether an operation carries an access token."""
    return any(name == "accessToken" for each in operation.security for name, _ in each)


@frozen
class UsKey:
    """A key, and what the venue knows it by."""

    jwt: PrivateKeyJwt
    pem: Secret = field(repr=False)
    public: Mapping[str, str]


def read_key(stored: Stored, environment: Environment) -> UsKey:
    """Read a record: the secret ``private_key`` (PEM), and the public value ``client_id``."""
    pem, client_id = stored.secrets.get(_KEY), stored.public.get(_CLIENT)
    if pem is None or client_id is None:
        raise unusable(str(stored.id), [_KEY, _CLIENT])
    jwt = PrivateKeyJwt.from_pem(
        pem, client_id=client_id, token_url=environment.token_url, audience=environment.audience
    )
    return UsKey(jwt, pem, stored.public)


class UsSigner:
    """Signs assertions with the key in use, whichever that is by then."""

    def __init__(self, key: UsKey) -> None:
        self.key = key

    def credentials(self) -> PrivateKeyJwt:
        """Return credentials for a client that lives longer than one key."""
        jwt = self.key.jwt
        return PrivateKeyJwt(
            client_id=jwt.client_id,
            token_url=jwt.token_url,
            audience=jwt.audience,
            fingerprint=jwt.fingerprint,
            sign=self._sign,
        )

    def _sign(self, data: bytes) -> bytes:
        return self.key.jwt._sign(data)  # noqa: SLF001 - in its place


class UsAuthority:
    """Authorises with the tokens of the key in use: those of another key are got anew."""

    def __init__(self, inner: Authority) -> None:
        self.inner = inner

    def authorise(self, call: Call[Any], body: bytes, deadline: float) -> Flow[Mapping[str, str]]:
        """Return the headers."""
        return self.inner.authorise(call, body, deadline)

    def refused(self, request: Request) -> bool:
        """Drop the token of a request that was refused."""
        return self.inner.refused(request)

    def advice(self, request: Request) -> str:
        """Say what to do about a request that was refused again."""
        return self.inner.advice(request)


@frozen
class UsIssuer:
    """Tries keys; others come from the vault only."""

    overlap: ClassVar[float] = 0.0
    # tokens are asked for again at the venue's own time before anything is refused
    clocked: ClassVar[bool] = False
    settles: ClassVar[bool] = False

    session: Session
    """The plain one, without a ladder."""
    environment: Environment

    def read(self, stored: Stored) -> UsKey:
        """Take the key out of a record of the vault."""
        return read_key(stored, self.environment)

    def write(self, creds: UsKey) -> tuple[Mapping[str, Secret], Mapping[str, str]]:
        """Return the secrets and the public values of a record."""
        return {_KEY: creds.pem}, creds.public

    def label(self, creds: UsKey) -> str:
        """Return the beginning of the fingerprint."""
        return creds.jwt.fingerprint.removeprefix("sha256:")[:8]

    def sample_clock(self, until: float) -> Flow[None]:
        """Do nothing: see `clocked`."""
        del until
        yield from ()

    def probe(self, creds: UsKey, until: float) -> Flow[bool]:
        """Ask the venue who this is."""
        del creds
        yield from self.session.send(accounts.get_who_am_i(), until=until)
        return True

    def derive(self, creds: UsKey | None, until: float) -> Flow[UsKey | None]:
        """Refuse: there is nobody to ask."""
        del creds, until
        yield from ()
        _by_hand()

    def create(self, creds: UsKey | None, until: float) -> Flow[UsKey]:
        """Refuse: there is nobody to ask."""
        del creds, until
        yield from ()
        _by_hand()

    def replace(self, creds: UsKey, until: float) -> Flow[UsKey]:
        """Refuse: there is nobody to ask."""
        return self.create(creds, until)

    def retire(self, creds: UsKey, fresh: UsKey, until: float) -> Flow[None]:
        """Do nothing: the venue is told at onboarding which keys there are."""
        del creds, fresh, until
        yield from ()

    def discard(self, creds: UsKey, until: float) -> Flow[None]:
        """Do nothing: none are made."""
        return self.retire(creds, creds, until)


def _by_hand() -> NoReturn:
    raise ConfigError(
        "the US exchange takes a new key at onboarding only: register one, and put it into the vault"
    )
