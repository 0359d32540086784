"""Which of the venues' clients play, and who plays what."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import pytest

from polyspec import Sandbox
from polyspec.sandbox.clob.options import ClobOptions
from tests.interop.driven import Driven
from tests.interop.paper import Paper
from tests.interop.provision import PEERS, NotInstalled, Peer
from tests.interop.stage import Stage

__all__ = ["BY_HAND", "CLIENTS", "PAPER_V1", "UNIFIED", "drive", "only", "open_paper", "open_stage"]

CLIENTS: Final = {
    "python-v2": (PEERS["py-clob-client-v2"], ()),
    "unified": (PEERS["polymarket-client"], ()),
    "unified-async": (PEERS["polymarket-client"], ("async",)),
    "node-v2": (PEERS["@polymarket/clob-client-v2"], ()),
}
BY_HAND: Final = ("python-v2", "node-v2")
"""Clients with a method for each endpoint; the others do some of it on their own."""
UNIFIED: Final = ("unified", "unified-async")
PAPER_V1: Final = replace(PEERS["py-clob-client"], driver="python_v1_paper.py")
"""The older client of Polymarket, with a key of PolySimulator."""
_OPTIONS: Final = ClobOptions(mined_delay=0.05, confirmed_delay=0.05)


def only(*names: str) -> pytest.MarkDecorator:
    """Run a test with some of the clients."""
    return pytest.mark.parametrize("opened", [CLIENTS[name] for name in names], ids=names, indirect=True)


@contextmanager
def drive(peer: Peer, sandbox: Sandbox, folders: pytest.TempPathFactory, *arguments: str) -> Iterator[Driven]:
    """Let a peer loose on a sandbox; without the peer there is no test."""
    line = json.dumps(sandbox.describe())
    try:
        driven = Driven(peer, line, folders.mktemp("driver") / "stderr", *arguments)
    except NotInstalled as reason:
        excuse = f"{peer.name} cannot be installed: {reason}"
        if os.environ.get("CI") or os.environ.get("POLYSPEC_REQUIRE_PEERS"):
            pytest.fail(excuse)
        pytest.skip(excuse)
    try:
        yield driven
    finally:
        driven.close()


@contextmanager
def open_stage(peer: Peer, folders: pytest.TempPathFactory, *arguments: str) -> Iterator[Stage]:
    """Open a quiet sandbox and let a peer loose on it."""
    with (
        Sandbox(venues=["clob"], quiet=True, clob=_OPTIONS) as sandbox,
        drive(peer, sandbox, folders, *arguments) as driven,
    ):
        yield Stage(sandbox, driven)


@contextmanager
def open_paper(folders: pytest.TempPathFactory) -> Iterator[Paper]:
    """Open PolySimulator and let its vendor's SDK loose on it."""
    with (
        # the markets are the CLOB's, which a story may decide there
        Sandbox(venues=["clob", "polysimulator"], rate_limits=False) as sandbox,
        drive(PEERS["polysim-sdk"], sandbox, folders) as driven,
    ):
        yield Paper(sandbox, driven)
