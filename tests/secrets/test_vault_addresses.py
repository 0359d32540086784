"""Addresses of vaults and of their keys may be mistyped, with a password in them: errors do not show it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from polyspec.core.secret import Secret
from polyspec.errors import ConfigError, VaultError
from polyspec.vault import TransitKeys
from polyspec.vault.places import keys_at, made_keys_at, records_at
from tests.faults.ears import Ears
from tests.secrets.canaries import SECRETS, found_in

_PASSWORD = SECRETS["database"]
ADDRESSES = [
    f"postgresql://me:{_PASSWORD}@[h/x",
    f"postgresql://me:{_PASSWORD}@h:port/x",
    f"postgresql://me:{_PASSWORD}@h:1/x?sslmode=nonsense",
    f"postgresql://db.example/x?password={_PASSWORD}",
    f"postgresql+psycopg://me:{_PASSWORD}@h/x",
    f"postgres://me:{_PASSWORD}@db.example/x",
    f"mysql://me:{_PASSWORD}@h/x",
    f"sqlite://me:{_PASSWORD}@h/x",
    f"file://me:{_PASSWORD}@h/x",
    f"transit:https://me:{_PASSWORD}@vault.example/x",
    f"transit:https://vault.example/x?token={_PASSWORD}",
    f"transit:https://me:{_PASSWORD}@[vault/x",
    f"https://me:{_PASSWORD}@vault.example",
    _PASSWORD,
]


def _asked() -> Secret:
    return Secret(SECRETS["vault passphrase"])


OPENERS: dict[str, Callable[[str], Any]] = {
    "records": records_at,
    "hidden records": lambda url: records_at(Secret(url)),
    "keys": lambda url: keys_at(url, passphrase=_asked, token=_asked),
    "made keys": lambda url: made_keys_at(url, passphrase=_asked, token=_asked),
    "transit": lambda url: TransitKeys(url, SECRETS["transit"]),
}


@pytest.mark.parametrize("opener", OPENERS)
def test_mistyped_addresses_are_not_shown(opener: str) -> None:
    """Neither in what is said, nor in any frame it came through, whichever of them is taken for which."""
    refused = 0
    for url in ADDRESSES:
        with Ears() as ears:
            try:
                with closing(OPENERS[opener](url)) as found:
                    ears.text.write(f"{found!r} {found}")
            except (ConfigError, VaultError) as error:
                refused += 1
                ears.error(error)
        assert found_in(ears.text.getvalue()) == [], url
    assert refused > len(ADDRESSES) / 2


def test_what_holds_an_address_is_heard() -> None:
    """The control: a function that has the text in a variable when it fails gives it away."""
    with Ears() as ears:
        try:
            _ = urlsplit(ADDRESSES[1]).port
        except ValueError as error:
            ears.error(error)
    assert found_in(ears.text.getvalue())
