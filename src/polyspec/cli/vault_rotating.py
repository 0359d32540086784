"""``polyspec vault rotate``: credentials of one user, or all that are due."""

from __future__ import annotations

import argparse
import math
from typing import Any, Final

from attrs import asdict

from polyspec.cli.extras import needing
from polyspec.cli.vault_showing import say
from polyspec.errors import ConfigError
from polyspec.managed.manager import Manager
from polyspec.managed.settings import ManagedSettings
from polyspec.managed.states import Rotated, Standing
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
        if arguments.due is not None and arguments.wallet is not None:
            raise ConfigError("--wallet goes with --user: --due is for all")
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
            # orders that a process left open are told to the next one that trades, not here
            if arguments.user is None:
                return _told(arguments, manager.rotate_due(replay=False))
            client = manager.for_user(arguments.user, wallet=arguments.wallet or None, replay=False)
            standing = client.rotate(arguments.why)
            say(arguments, asdict(standing), _words(standing))
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


def _told(arguments: argparse.Namespace, rotated: Rotated) -> int:
    """Say what was rotated, and what was not; return the exit status."""
    for about, standing in rotated.done.items():
        say(arguments, {"id": list(about.parts), **asdict(standing)}, f"{about}: {_words(standing)}")
    for about, error in rotated.failed.items():
        say(arguments, {"id": list(about.parts), "error": str(error)}, f"{about}: not rotated: {error}")
    if not rotated.done and not rotated.failed and not arguments.json:
        print("nothing is due", flush=True)
    return 1 if rotated.failed else 0


def _words(standing: Standing) -> str:
    return f"{standing.label or 'credentials'}...: {standing.state}, version {standing.version}"
