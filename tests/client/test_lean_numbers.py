"""Numbers of sockets are given out again: a connection that has ended is not taken for one that goes on."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from polyspec.io.options import HttpOptions
from tests.client.colours import AsyncColour, SyncColour, nothing_left
from tests.client.rawserver import Peer, RawServer, answer
from tests.unit.calls import a_request


def _once(peer: Peer, number: int) -> None:
    """Answer one request with the number of the connection, and end it a moment later."""
    if peer.request() is not None:
        peer.send(answer(b"%d" % number))
        peer.server.stopping.wait(0.1)
    peer.close()


@pytest.mark.parametrize("kind", [AsyncColour, SyncColour])
def test_number_of_an_ended_connection_in_use_again(kind: type[AsyncColour] | type[SyncColour]) -> None:
    """An idle connection ends, another file gets its number: the next request opens a connection."""
    with nothing_left():
        server, client = RawServer(_once), kind(HttpOptions())
        request = a_request(server.url)
        assert client.send(request).body == b"0"
        client._run(asyncio.sleep(0.3)) if isinstance(client, AsyncColour) else time.sleep(0.3)
        # whatever numbers became free are taken by pipes that nothing ever arrives in
        pipes = [os.pipe() for _ in range(20)]
        try:
            assert client.send(request).body == b"1"
        finally:
            for end in (each for pair in pipes for each in pair):
                os.close(end)
            client.close()
            server.stop()
