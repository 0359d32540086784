"""The venue's own clients log in to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polyspec.sandbox.clob.engine import types as t
from tests.interop.casting import BY_HAND, CLIENTS, only, open_stage
from tests.interop.driven import PeerRefused
from tests.interop.stage import ONE, Stage


def test_credentials_belong_to_address_and_nonce(stage: Stage) -> None:
    """One key and nonce always give the same credentials, another nonce others; the sandbox has both."""
    trader = stage.trader()
    again = trader("derive_key", nonce=0)
    other = trader("create_key", nonce=3)
    assert again["api_key"] == trader.owner != other["api_key"]
    assert trader("derive_key", nonce=3) == other
    assert {trader.owner, other["api_key"]} <= set(trader("keys"))
    for key in (again, other):
        known = stage.world.keys.get(key["api_key"])
        assert known is not None
        assert known.address == trader.address.lower()
        assert key["api_secret"] == stage.world.keys.secret(known.id)


@only(*BY_HAND)
def test_credentials_are_created_once(stage: Stage) -> None:
    """A second creation and a derivation of what was never created are refused, as the venue refuses them."""
    trader = stage.trader()
    trader("create_key", nonce=4)
    # the one client tells, the other hands out credentials without a key
    with pytest.raises(PeerRefused, match=r"Could not create api key|no key was created"):
        trader("create_key", nonce=4)
    assert trader("derive_key", nonce=4)["api_key"]


@only("python-v2")
def test_what_was_never_created_cannot_be_derived(stage: Stage) -> None:
    """Deriving with a fresh nonce is refused."""
    with pytest.raises(PeerRefused, match="Could not derive api key!") as caught:
        stage.trader()("derive_key", nonce=404)
    assert caught.value.http == 400


def test_a_deleted_key_opens_nothing(stage: Stage) -> None:
    """After its deletion a key is refused with 401 and unknown to the sandbox."""
    trader = stage.trader(2)
    told = stage.peer("connect", name="gone", key=trader.key, signature_type=0, funder=trader.maker, nonce=9)
    assert stage.world.keys.get(told["key"]) is not None
    stage.peer("delete_key", name="gone")
    assert stage.world.keys.get(told["key"]) is None
    with pytest.raises(PeerRefused) as caught:
        stage.peer("keys", name="gone")
    assert caught.value.http == 401


def test_closed_only_is_told_and_kept(stage: Stage) -> None:
    """Whoever may only close is told so, and cannot buy."""
    trader, token = stage.trader(), stage.listing("rain").token_ids[0]
    assert trader("closed_only") is False
    stage.world.modes.closed_only.add(trader.address.lower())
    try:
        assert trader("closed_only") is True
        with pytest.raises(PeerRefused, match="address in closed only mode"):
            trader("place", token=token, side="BUY", price="0.4", size="10")
    finally:
        stage.world.modes.closed_only.clear()
    assert stage.working() == []


@only(*BY_HAND)
def test_keys_that_only_read(stage: Stage) -> None:
    """A read-only key is made, listed and deleted."""
    told = stage.trader()("readonly_keys")
    assert told["made"] in told["listed"]
    assert stage.world.keys.readonly_of(stage.trader().address.lower()) == []


def test_builder_keys(stage: Stage) -> None:
    """A builder key is made and listed, and revoked where the client can."""
    told = stage.trader()("builder_keys")
    assert told["made"] in told["listed"]
    known = stage.world.keys.builder(told["made"])
    if "left" in told:
        assert told["made"] not in told["left"]
        assert known is None or known.revoked
    else:
        assert known is not None


@only(*BY_HAND)
def test_health(stage: Stage) -> None:
    """The venue is there, has the time, and takes orders of the second version."""
    told = stage.peer("health")
    assert told["ok"] == "OK"
    assert abs(told["time"] - stage.world.clock.seconds()) < 5
    assert told["version"] == 2


@pytest.fixture
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A sandbox of its own for the client that reads what notifications say."""
    peer, arguments = CLIENTS["unified"]
    with open_stage(peer, tmp_path_factory, *arguments) as stage:
        yield stage


def test_the_end_of_a_market_is_notified(ended: Stage) -> None:
    """Whoever holds shares of a market that is decided reads which outcome won."""
    trader, listing = ended.trader(), ended.listing("treaty")
    with ended.world.lock:
        ended.world.apply(t.Resolve(condition_id=listing.condition_id, payouts=(0, ONE)))
    (notice,) = trader("notifications")
    assert (notice["type"], notice["payload"]["condition_id"]) == (4, listing.condition_id)
    assert [each["winner"] for each in notice["payload"]["tokens"]] == [False, True]
    assert notice["payload"]["closed"] is True


@pytest.fixture(params=BY_HAND)
def late(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A sandbox whose clock is an hour ahead."""
    peer, arguments = CLIENTS[request.param]
    with open_stage(peer, tmp_path_factory, *arguments) as stage:
        stage.world.clock.advance(3600)
        yield stage


def test_a_wrong_clock_is_refused_and_the_venues_is_not(late: Stage) -> None:
    """With the local clock an hour off requests are refused; with the server's time they are signed well."""
    trader = {"key": late.sandbox.clob_venue.private_keys[0], "signature_type": 0, "funder": ""}
    with pytest.raises(PeerRefused):
        late.peer("connect", name="local", **trader)
    late.peer("connect", name="server", server_time=True, **trader)
    assert late.peer("open_orders", name="server") == []
