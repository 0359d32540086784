"""What a credential is filed under."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeVar

from attrs import astuple, field, frozen

from polyspec.errors import ConfigError

__all__ = ["CredentialId", "CredentialKind", "EnvironmentTag", "Filter", "as_environment", "filed_wallet"]

E = TypeVar("E", bound=StrEnum)

# of UTF-8: five of them fit into one key of an index
_LONGEST: Final = 200
_WALLET: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")


class CredentialKind(StrEnum):
    """What a credential is, and so what it can do."""

    US_PRIVATE_KEY = "us_private_key"
    """The RSA key that signs assertions for the US exchange."""
    US_ACCESS_TOKEN = "us_access_token"  # noqa: S105 - a name
    CLOB_WALLET = "clob_wallet"
    """The key of a wallet: it signs orders, makes API keys and moves money."""
    CLOB_API = "clob_api"
    """An API key of a wallet with its secret and passphrase; the nonce it was made with is public."""
    POLYSIM_API_KEY = "polysim_api_key"
    POLYSIM_SESSION = "polysim_session"
    """The dashboard's access token."""

    @property
    def venue(self) -> str:
        """The venue that takes it."""
        return _VENUES[self.value.partition("_")[0]]


_VENUES: Final = {"us": "us", "clob": "clob", "polysim": "polysimulator"}


class EnvironmentTag(StrEnum):
    """Which installations of a venue a credential may be shown to."""

    PROD = "prod"
    PREPROD = "preprod"
    SANDBOX = "sandbox"


def as_kind(given: str) -> CredentialKind:
    """Take a kind or its name; raises ConfigError."""
    return _one_of(CredentialKind, given)


def as_environment(given: str) -> EnvironmentTag:
    """Take an environment or its name; raises ConfigError."""
    return _one_of(EnvironmentTag, given)


def _one_of(kind: type[E], given: str) -> E:
    try:
        return kind(given)
    except ValueError:
        raise ConfigError(f"{given!r} is no {kind.__name__}; it must be one of {', '.join(kind)}") from None


def _check_text(name: str, given: object, *, empty: bool = False) -> None:
    """Refuse a text that has more than one spelling, or does not fit into a key; raises ConfigError."""
    if not isinstance(given, str):
        raise ConfigError(f"{name} must be a text, not {type(given).__name__}")
    if not given and not empty:
        raise ConfigError(f"{name} must not be empty")
    # what looks the same must be the same: no marks apart from their letters, nothing that does not show
    if not given.isprintable() or given != given.strip() or not unicodedata.is_normalized("NFC", given):
        raise ConfigError(
            f"{name} must be printable text in Unicode form NFC that neither begins nor ends with a space"
        )
    if len(given.encode()) > _LONGEST:
        raise ConfigError(f"{name} must have at most {_LONGEST} bytes")


def filed_wallet(wallet: str) -> str:
    """Return a wallet as it is filed: an address in lower case, anything else as it is."""
    return wallet.lower() if _WALLET.fullmatch(wallet) else wallet


@frozen(order=True)
class CredentialId:
    """Whose credential it is, and for what.

    A wallet's address is kept in lower case. Raises ConfigError for a text that could be mistaken for
    another, and for a venue that does not take credentials of this kind.
    """

    tenant: str
    user: str
    venue: str
    wallet: str
    """The wallet, key id or account it belongs to; empty where the venue has one for each user."""
    kind: CredentialKind = field(converter=as_kind)

    def __attrs_post_init__(self) -> None:
        for name in ("tenant", "user", "venue"):
            _check_text(name, getattr(self, name))
        _check_text("wallet", self.wallet, empty=True)
        if self.venue != self.kind.venue:
            raise ConfigError(
                f"a {self.kind} belongs to the venue {self.kind.venue!r}, not to {self.venue!r}"
            )
        object.__setattr__(self, "wallet", filed_wallet(self.wallet))

    @classmethod
    def of(cls, parts: Sequence[str]) -> CredentialId:
        """Read its `parts`; raises ConfigError."""
        tenant, user, venue, wallet, kind = parts
        return cls(tenant, user, venue, wallet, as_kind(kind))

    @property
    def parts(self) -> tuple[str, str, str, str, str]:
        """The texts in the order in which they are written down."""
        return (self.tenant, self.user, self.venue, self.wallet, self.kind.value)

    def __str__(self) -> str:
        wallet = f" {self.wallet}" if self.wallet else ""
        return f"{self.kind}{wallet} of {self.tenant}/{self.user} at {self.venue}"


@frozen(kw_only=True)
class Filter:
    """Which credentials are meant: those that agree with everything that is given."""

    tenant: str | None = None
    user: str | None = None
    venue: str | None = None
    wallet: str | None = None
    kind: str | None = None

    def matches(self, id: CredentialId) -> bool:  # noqa: A002 - what it is called everywhere
        """Tell whether it means this one."""
        return all(
            wanted is None or wanted == held for wanted, held in zip(astuple(self), id.parts, strict=True)
        )
