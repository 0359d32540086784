"""API keys of PolySimulator: told once, made with the dashboard's token, good for a day after rotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from attrs import evolve, field, frozen
from polyspec_wire import Call, Operation
from polyspec_wire.polysimulator import identity, keys
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow, Instant, Now
from polyspec.core.secret import Secret
from polyspec.core.sending import Session
from polyspec.errors import BadRequest, ConfigError, PolyspecError
from polyspec.managed.issuing import unusable
from polyspec.polysimulator.credentials import Credentials
from polyspec.polysimulator.issued import NewKey
from polyspec.polysimulator.session import PolySimulatorAuthority
from polyspec.vault.values import Stored

__all__ = ["PolySimulatorIssuer", "SimKey", "signs"]

_KEY: Final = "api_key"
_PAGE: Final = 50
_NAME: Final = "managed"


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
        listed = yield from self._listed((yield from self._account()), until)
        return creds if creds.key_id in (yield from self._holding(listed)) else None

    def create(self, creds: SimKey | None, until: float) -> Flow[SimKey]:
        """Make a key with the dashboard's access token: the first of the account, or another."""
        del creds
        session = yield from self._account()
        before = yield from self._listed(session, until)
        body: Any = wire.CreateKeyRequest(name=_NAME)
        holds = yield from self._holding(before)
        call = keys.create_key(body) if holds else keys.bootstrap_key(body)
        return (yield from self._told(session, call, before, _NAME, until))

    def replace(self, creds: SimKey, until: float) -> Flow[SimKey]:
        """Rotate the key; the old one goes on to work for a day."""
        session = self._with(Credentials(creds.api_key))
        before = yield from self._listed(session, until)
        key_id = _id_of(creds, before) if creds.key_id is None else creds.key_id
        if key_id is None:
            raise ConfigError("the record of the key has no key_id, and the venue lists not just one like it")
        name = next((each.name for each in before if each.id == key_id), None)
        try:
            return (yield from self._told(session, keys.rotate_key(key_id), before, name, until))
        except BadRequest as error:
            # rotated already, by somebody who did not come to store it: it ends within the day
            if error.maybe_executed or (yield from self.access_token()) is None:
                raise
        return (yield from self.create(creds, until))

    def _told(
        self, session: Session, call: Call[Any], before: list[Any], name: str | None, until: float
    ) -> Flow[SimKey]:
        """Have a key made; if the answer is lost, rotate what came of it, so that it is told once more."""
        try:
            return SimKey.of(NewKey.of((yield from session.send(call, until=until)).value))
        except PolyspecError as error:
            if not error.maybe_executed:
                raise
            first = error
        try:
            after = yield from self._listed(session, until)
        except PolyspecError:
            raise first from None
        named = {each.id for each in after if each.name == name}
        fresh = ((yield from self._holding(after)) - {each.id for each in before}) & named
        if len(fresh) != 1:
            raise first
        # that one nobody knows, and nobody will
        answer = yield from session.send(keys.rotate_key(fresh.pop()), until=until)
        return SimKey.of(NewKey.of(answer.value))

    def _listed(self, session: Session, until: float) -> Flow[list[Any]]:
        found: list[Any] = []
        while True:
            call = keys.list_keys(limit=_PAGE, offset=len(found))
            page = (yield from session.send(call, until=until)).value
            found += page
            if len(page) < _PAGE:
                return found

    def _holding(self, listed: list[Any]) -> Flow[set[int]]:
        """Return the numbers of the keys that hold; those that were rotated long ago may be called active."""
        now: Instant = yield Now()
        wall = self.session.clock.correct(now.wall)
        return {each.id for each in listed if each.is_active and not _is_over(each.expires_at, wall)}

    def retire(self, creds: SimKey, fresh: SimKey, until: float) -> Flow[None]:
        """Do nothing: it ends after a day."""
        del creds, fresh, until
        yield from ()

    def discard(self, creds: SimKey, until: float) -> Flow[None]:
        """Revoke a key that nobody uses: an account has only so many."""
        if creds.key_id is not None:
            session = self._with(Credentials(creds.api_key))
            yield from session.send(keys.revoke_key(creds.key_id), until=until)

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


def _is_over(moment: str | None, now: float) -> bool:
    try:
        found = datetime.fromisoformat(moment or "")
    except ValueError:
        return False
    # without a zone it is in that of the venue, which is UTC
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() <= now


def _id_of(creds: SimKey, listed: list[Any]) -> int | None:
    """Tell the number of a key by how it begins, which the venue lists; None if that is not clear."""
    alike = [
        each.id
        for each in listed
        if each.is_active and each.key_prefix and creds.api_key.reveal().startswith(each.key_prefix)
    ]
    return alike[0] if len(alike) == 1 else None
