"""A sandbox for each of the venue's published clients, and the client at work on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.casting import CLIENTS, open_paper, open_stage
from tests.interop.paper import Paper
from tests.interop.stage import Stage


@pytest.fixture(scope="session", params=CLIENTS.values(), ids=CLIENTS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Let each client trade in turn."""
    peer, arguments = request.param
    with open_stage(peer, tmp_path_factory, *arguments) as stage:
        yield stage


@pytest.fixture
def stage(opened: Stage) -> Iterator[Stage]:
    """Nothing is left of other tests but balances and history."""
    yield opened
    opened.clear()


@pytest.fixture(scope="session")
def paper_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """PolySimulator, and its vendor's SDK at work on it."""
    with open_paper(tmp_path_factory) as paper:
        yield paper


@pytest.fixture
def paper(paper_stage: Paper) -> Iterator[Paper]:
    """Nothing is left of other tests but history."""
    yield paper_stage
    paper_stage.clear()
