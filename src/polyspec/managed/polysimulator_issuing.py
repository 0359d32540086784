"""API keys of PolySimulator: told once, made with the dashboard's token, good for a day after rotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from attrs import evolve, field, frozen
from polyspec_wire import Operation
from polyspec_wire.polysimulator import identity, keys
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.errors import ConfigError
from polyspec.managed.issuing import unusable
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.issued import NewKey
from polyspec.polysimulator.session import PolySimulatorAuthority
from polyspec.vault.values import Stored

__all__ = ["PolySimulatorIssuer", "SimKey", "signs"]

_KEY: Final = "api_key"
_PAGE: Final = 50


def signs(operation: Operation) -> bool:
    """Tell whether an operation carries the API key."""
    names = {name for each in operation.security for name, _ in each}
    return not names.isdisjoint(("apiKey", "tenantKey")) and () not in operation.security


@frozen
class SimKey:
    """A key, and by what the venue lists it."""

    api_key: Secret = field(repr=False)
    key_id: int | None
    prefix: str

    @classmethod
    def of(cls, made: NewKey) -> SimKey:
        """Take what the venue told."""
        return cls(made.api_key, made.id, made.key_prefix or "")


@frozen
class PolySimulatorIssuer:
    """Makes keys in the name of one account."""

    overlap: ClassVar[float] = 86_400.0
    clocked: ClassVar[bool] = False
    settles: ClassVar[bool] = False

    session: Session
    """The plain one, without a ladder."""
    access_token: Callable[[], Flow[Secret | None]]
    """Reads the dashboard's access token from the vault; None if it is not there."""

    def read(self, stored: Stored) -> SimKey:
        """Take the key out of a record of the vault."""
        api_key = stored.secrets.get(_KEY)
        if api_key is None:
            raise unusable(str(stored.id), [_KEY])
        key_id = stored.public.get("key_id", "")
        prefix = stored.public.get("key_prefix", "")
        return SimKey(api_key, int(key_id) if key_id.isdigit() else None, prefix)

    def write(self, creds: SimKey) -> tuple[Mapping[str, Secret], Mapping[str, str]]:
        """Return the secrets and the public values of a record."""
        known = {} if creds.key_id is None else {"key_id": str(creds.key_id)}
        return {_KEY: creds.api_key}, {**known, "key_prefix": creds.prefix}

    def label(self, creds: SimKey) -> str:
        """Return what the venue's own listings show, or the number of the key."""
        return creds.prefix[:16] or str(creds.key_id or "")

    def sample_clock(self, until: float) -> Flow[None]:
        """Do nothing: keys do not depend on the time."""
        del until
        yield from ()

    def probe(self, creds: SimKey, until: float) -> Flow[bool]:
        """Ask the venue whose key it is."""
        yield from self._with(Credentials(creds.api_key)).send(identity.get_me(), until=until)
        return True

    def derive(self, creds: SimKey | None, until: float) -> Flow[SimKey | None]:
        """Return the same if the account still has it, for the venue tells a key once; else None."""
        if creds is None or creds.key_id is None:
            return None
        session, offset = (yield from self._account()), 0
        while True:
            call = keys.list_keys(limit=_PAGE, offset=offset)
            listed = (yield from session.send(call, until=until)).value
            if any(each.id == creds.key_id and each.is_active for each in listed):
                return creds
            if len(listed) < _PAGE:
                return None
            offset += _PAGE

    def create(self, creds: SimKey | None, until: float) -> Flow[SimKey]:
        """Make a key with the dashboard's access token: the first of the account, or another."""
        del creds
        session = yield from self._account()
        listed = (yield from session.send(keys.list_keys(limit=_PAGE, offset=0), until=until)).value
        body: Any = wire.CreateKeyRequest(name="managed")
        call = keys.create_key(body) if any(each.is_active for each in listed) else keys.bootstrap_key(body)
        return SimKey.of(NewKey.of((yield from session.send(call, until=until)).value))

    def replace(self, creds: SimKey, until: float) -> Flow[SimKey]:
        """Rotate the key; the old one goes on to work for a day."""
        if creds.key_id is None:
            raise ConfigError("the record of the key has no key_id, by which it could be rotated")
        session = self._with(Credentials(creds.api_key))
        answer = yield from session.send(keys.rotate_key(creds.key_id), until=until)
        return SimKey.of(NewKey.of(answer.value))

    def retire(self, creds: SimKey, until: float) -> Flow[None]:
        """Do nothing: it ends after a day."""
        del creds, until
        yield from ()

    def _account(self) -> Flow[Session]:
        """Return a session with the dashboard's access token."""
        token = yield from self.access_token()
        if token is None:
            raise ConfigError(
                "the dashboard's access token is not in the vault (polysim_session), so no key can be made"
            )
        return self._with(Credentials(None, token))

    def _with(self, credentials: Credentials) -> Session:
        return evolve(self.session, authority=PolySimulatorAuthority(credentials), max_attempts=1)
