"""``polyspec vault rotate``: credentials of one user, or all that are due."""

from __future__ import annotations

import argparse
import math
from typing import Any, Final

import msgspec
from attrs import asdict

from polyspec.cli.extras import needing
from polyspec.errors import ConfigError
from polyspec.managed.manager import Manager
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import Standing
from polyspec.vault.vault import Vault

__all__ = ["rotate"]

_DAY: Final = 86_400.0


def rotate(arguments: argparse.Namespace, vault: Vault) -> int:
    """Rotate, and say how the credentials are then."""
    with vault:
        if (arguments.user is None) == (arguments.due is None):
            raise ConfigError("name a --user, or say how old credentials may get with --due")
        if arguments.due is not None and not (math.isfinite(arguments.due) and arguments.due >= 0):
            raise ConfigError("--due is a number of days, 0 or more")
        if arguments.venue == "us":
            raise ConfigError(
                "the US exchange takes a new key at onboarding only: register it, then "
                "`polyspec vault add us_private_key --replace`"
            )
        every = None if arguments.due is None else arguments.due * _DAY
        with (
            needing(arguments.venue),
            _manager(arguments, vault, ManagedSettings(rotate_every=every)) as manager,
        ):
            if arguments.user is None:
                for standing in manager.rotate_due():
                    _say(arguments, standing)
                return 0
            client = manager.for_user(arguments.user, wallet=arguments.wallet or None)
            _say(arguments, client.rotate(arguments.why))
    return 0


def _manager(arguments: argparse.Namespace, vault: Vault, managing: ManagedSettings) -> Manager[Any]:
    common: dict[str, Any] = {
        "tenant": arguments.tenant or "default",
        "folder": arguments.folder,
        "trusted": tuple(arguments.trusted),
        "managing": managing,
    }
    if arguments.venue == "clob":
        from polyspec.clob.config import ClobSurroundings
        from polyspec.managed.clob import ManagedClobClient

        clob = ClobSurroundings.read()
        host = arguments.host or clob.host
        return ManagedClobClient(vault, host, clob.chain_id, settings=clob.settings, **common)
    from polyspec.managed.polysimulator import ManagedPolySimulatorClient
    from polyspec.polysimulator.config import PolySimulatorSurroundings

    simulator = PolySimulatorSurroundings.read()
    host = arguments.host or simulator.base_url
    return ManagedPolySimulatorClient(vault, host, settings=simulator.settings, **common)


def _say(arguments: argparse.Namespace, standing: Standing) -> None:
    if arguments.json:
        print(msgspec.json.encode(asdict(standing)).decode(), flush=True)
    else:
        print(
            f"{standing.label or 'credentials'}...: {standing.state}, version {standing.version}", flush=True
        )
