"""What differs between venues about credentials: how they are read, tried, fetched, made and replaced."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from attrs import field, frozen

from polyspec.core.effects import Flow
from polyspec.core.secret import Secret
from polyspec.errors import ConfigError
from polyspec.vault.values import Entry, Stored

__all__ = ["Held", "Issuer", "issued_at", "unusable"]

C = TypeVar("C")


@frozen
class Held(Generic[C]):
    """Credentials in use."""

    creds: C = field(repr=False)
    version: int
    """Of the vault."""
    issued_at: float
    """Unix time at which the venue gave them out."""
    label: str
    """The beginning of the key's id."""


class Issuer(Protocol[C]):
    """One venue's credentials of one user. Times are monotonic seconds until which a flow may take."""

    overlap: ClassVar[float]
    """Seconds for which replaced credentials go on to work."""
    clocked: ClassVar[bool]
    """Whether requests carry the time, so that a wrong clock looks like wrong credentials."""
    settles: ClassVar[bool]
    """Whether fresh credentials may be refused for a while."""

    def read(self, stored: Stored) -> C:
        """Take credentials out of a record of the vault."""
        ...

    def write(self, creds: C) -> tuple[Mapping[str, Secret], Mapping[str, str]]:
        """Return the secrets and the public values of a record."""
        ...

    def label(self, creds: C) -> str:
        """Return the beginning of the key's id, which is no secret."""
        ...

    def sample_clock(self, until: float) -> Flow[None]:
        """Ask the venue for its time, which the session learns from the answer."""
        ...

    def probe(self, creds: C, until: float) -> Flow[bool]:
        """Read something cheap with credentials; False if the venue does not list them.

        Raises AuthError if they are refused.
        """
        ...

    def derive(self, creds: C | None, until: float) -> Flow[C | None]:
        """Return what the venue has for this user, without changing anything; None if it says: nothing.

        Raises ConfigError if there is nothing at hand to ask with.
        """
        ...

    def create(self, creds: C | None, until: float) -> Flow[C]:
        """Make new credentials in the place of these."""
        ...

    def replace(self, creds: C, until: float) -> Flow[C]:
        """Make credentials that share nothing with these, which stay good for `overlap` seconds."""
        ...

    def retire(self, creds: Any, fresh: Any, until: float) -> Flow[None]:
        """End credentials that `fresh` ones replaced, if they do not end by themselves.

        Raises what keeps it from that.
        """
        ...

    def discard(self, creds: Any, until: float) -> Flow[None]:
        """End credentials that were made, and that nobody uses because others were stored first."""
        ...


def issued_at(record: Stored | Entry) -> float:
    """Return the unix time at which credentials were given out; if nobody noted it, when they were stored."""
    try:
        noted = float(record.public["issued_at"])
    except (KeyError, ValueError):
        return record.created_at
    return noted if math.isfinite(noted) else record.created_at


def unusable(what: str, names: Iterable[str]) -> ConfigError:
    """Say that a record of the vault lacks something."""
    return ConfigError(f"the record of {what} in the vault needs {', '.join(names)}")
