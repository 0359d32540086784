# Mirrored from test_sim_streams_barred_async.py by `python -m generator.mirror`; do not edit.
"""Websockets that are refused before they are open: once a new token may help, twice it does not."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from polyspec.core.streams.events import Lost, StreamState
from polyspec.errors import AuthError
from polyspec.polysimulator.client import PolySimulatorClient
from polyspec.polysimulator.prices_feed import PRICES_RHYTHM
from tests.client.polysimulator.rig import UNPACED
from tests.client.polysimulator.watching import until
from tests.client.rawserver import Peer, RawServer, answer

RHYTHM = evolve(PRICES_RHYTHM, shortest=0.02, first=0.05, longest=0.1)
MARKET = f"0x{7:064x}"


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_token_that_is_refused_at_the_door_is_replaced_once(status: str) -> None:
    """Each connection has one of its own, and what was refused is never shown."""
    minted: list[bytes] = []

    def script(peer: Peer, number: int) -> None:
        while (request := peer.request()) is not None:
            if request.line.startswith("POST"):
                minted.append(b"token-%d-%d" % (number, len(minted)))
                peer.send(answer(b'{"token": "%s", "expires_in": 60}' % minted[-1]))
            else:
                assert minted[-1].decode() in request.line
                peer.send(answer(b"", status))

    with RawServer(script) as server:
        client: Any = PolySimulatorClient(api_key="ps_live_key", base_url=server.url, settings=UNPACED)
        with client:
            stream = client.stream.prices([MARKET], rhythm=RHYTHM)
            lost = until(stream, Lost)
            with pytest.raises(AuthError, match=status[:3]) as raised:
                until(stream, Lost)
            assert stream.state is StreamState.CLOSED
            assert len(set(minted)) == 2
            assert "token-" not in f"{lost!r} {raised.value!r} {stream!r}"
