"""A process environment that is wrong somewhere gives nothing of the rest away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from polyspec.clob.client import ClobClient
from polyspec.connecting import connect
from polyspec.errors import ConfigError
from polyspec.limits import shared_from
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.us.client import UsExchangeClient
from tests.faults.ears import Ears
from tests.secrets.canaries import SECRETS, found_in

BASE = {
    "DATABASE_URL": f"postgres://{SECRETS['database']}@db",
    "POLYSPEC_CLOB_PRIVATE_KEY": SECRETS["wallet key"],
    "POLYSPEC_CLOB_API_SECRET": SECRETS["api secret"],
    "POLYSPEC_POLYSIMULATOR_API_KEY": SECRETS["paper key"],
    "POLYSPEC_US_ENVIRONMENT": "preprod",
    "POLYSPEC_US_CLIENT_ID": "me",
    "POLYSPEC_US_PRIVATE_KEY_PATH": SECRETS["us key"],
    "VAULT_TOKEN": SECRETS["transit"],
}
LIMITERS = [
    f"redis://:{SECRETS['limiter']}@h:port/0",
    f"redis://:{SECRETS['limiter']}@h/0?egress=a%20b",
    f"redis://:{SECRETS['limiter']}@h/0?holders=0",
    f"postgres://:{SECRETS['limiter']}@h",
    f"redis://:{SECRETS['limiter']}@[h/0",
]
READERS: dict[str, Callable[[Mapping[str, str]], Any]] = {
    "us": UsExchangeClient.from_env,
    "clob": ClobClient.from_env,
    "polysimulator": PolySimulatorClient.from_env,
    "limits": shared_from,
    "connect": lambda variables: connect("clob", variables),
}


@pytest.mark.parametrize("limiter", LIMITERS)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_wrong_is_said_alone(reader: str, limiter: str) -> None:
    """Whoever reads the environment says what is wrong with it, and nothing of the rest."""
    with Ears() as ears:
        try:
            made = READERS[reader](BASE | {"POLYSPEC_LIMITER": limiter})
        except ConfigError as error:
            ears.error(error)
        else:
            shared = made if reader == "limits" else made.settings.pacing
            ears.hear(lambda: shared.share)
    assert "ConfigError" in ears.text.getvalue()
    assert found_in(ears.text.getvalue()) == []


def test_a_careless_reader_gives_all_away() -> None:
    """The control: what a library's function holds when it fails is heard."""
    with Ears() as ears:
        try:
            json.loads(BASE["POLYSPEC_CLOB_PRIVATE_KEY"], cls=None, object_hook=BASE.get)
        except json.JSONDecodeError as error:
            ears.error(error)
    assert found_in(ears.text.getvalue())
