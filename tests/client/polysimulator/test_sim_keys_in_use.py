# Mirrored from test_sim_keys_in_use_async.py by `python -m generator.mirror`; do not edit.
"""The life of API keys, from the first one to the last, against the venue itself."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from polyspec.errors import BadRequest, ConfigError, Forbidden, NotFound, RateLimited, Unauthorized
from polyspec.polysimulator.client import PolySimulatorClient
from tests.client.doing import listed
from tests.client.polysimulator.connect import connect
from tests.client.polysimulator.rig import Person, Venue, open_venue

DAY = 86_400.0


@pytest.fixture
def client(venue: Venue, person: Person) -> Iterator[PolySimulatorClient]:
    """Connect for one test."""
    with connect(venue, person) as client:
        yield client


# -- the first key --


def test_first_key(venue: Venue) -> None:
    """A session token makes the first key and the API wallet; the same client goes on with it."""
    newcomer = venue.newcomer()
    with connect(venue, access_token=venue.token_of(newcomer)) as client:
        assert not client.has_key
        assert client.has_access_token
        with pytest.raises(NotFound):
            client.account.balance()
        made = client.keys.bootstrap("my bot")
        assert (made.name, made.tier, made.permissions) == ("my bot", "pro", ("read", "trade"))
        raw = made.api_key.reveal()
        assert raw.startswith("ps_live_")
        assert made.key_prefix == raw[: len(made.key_prefix or "")] != raw
        client.use_key(made)
        assert client.has_key
        assert client.account.balance().balance == 10_000
        me = client.me()
        assert (me.user_id, me.email, me.key_count) == (newcomer.id, newcomer.email, 1)
        assert client.tier == "pro"


def test_first_key_as_asked(venue: Venue) -> None:
    """Name, permissions and plan are the ones that were asked for."""
    with connect(venue, access_token=venue.token_of(venue.newcomer())) as client:
        made = client.keys.bootstrap(permissions=["read"], tier="free")
        assert (made.name, made.tier, made.permissions) == (None, "free", ("read",))


def test_second_first_key_is_refused(venue: Venue) -> None:
    """There is one first key; the refusal says how to make another."""
    with connect(venue, access_token=venue.token_of(venue.newcomer())) as client:
        client.keys.bootstrap()
        with pytest.raises(BadRequest, match=r"keys\.create\(\)") as caught:
            client.keys.bootstrap()
        assert caught.value.code == "BOOTSTRAP_NOT_ALLOWED"
        client.keys.create()
        assert len(listed(client.keys.list())) == 2


def test_first_keys_are_limited_by_address() -> None:
    """One first key a minute from one address, whoever asks: a refusal that says how long to wait."""
    with open_venue(rate_limits=True) as venue:
        with connect(venue, access_token=venue.token_of(venue.newcomer())) as first:
            first.keys.bootstrap()
        with connect(venue, access_token=venue.token_of(venue.newcomer())) as second:
            with pytest.raises(RateLimited) as caught:
                second.keys.bootstrap(timeout=0.2)
            assert caught.value.retry_after is not None
            assert 0 < caught.value.retry_after <= 60
            venue.pass_time(60.0)
            second.keys.bootstrap()


def test_a_key_is_no_access_token(client: PolySimulatorClient, venue: Venue) -> None:
    """The first key needs the session token: without one nothing is sent."""
    with pytest.raises(ConfigError, match="access_token"):
        client.keys.bootstrap()
    assert not venue.seen


def test_access_token_from_a_function(venue: Venue) -> None:
    """A token that has expired is asked for again, and the call goes through."""
    newcomer, given = venue.newcomer(), []
    old = venue.world.tokens.session(newcomer.auth_id, life=1.0)
    venue.pass_time(2.0)

    def token() -> str:
        given.append(1)
        return old if len(given) == 1 else venue.token_of(newcomer)

    with connect(venue, access_token=token) as client:
        me = client.me()
        assert me.user_id == newcomer.id
    assert len(given) == 2


def test_expired_access_token(venue: Venue) -> None:
    """A fixed token that has expired is refused, and the refusal says to sign in again."""
    old = venue.world.tokens.session(venue.newcomer().auth_id, life=1.0)
    venue.pass_time(2.0)
    with connect(venue, access_token=old) as client:
        with pytest.raises(Unauthorized, match="sign in again") as caught:
            client.me()
        assert caught.value.code == "TOKEN_EXPIRED"


# -- more keys --


def test_create_and_list(client: PolySimulatorClient, venue: Venue) -> None:
    """A key that was made is listed without its secret, and works with its own permissions."""
    made = client.keys.create("reader", permissions=["read"])
    first, second = listed(client.keys.list())
    assert (second.id, second.name, second.key_prefix) == (made.id, "reader", made.key_prefix)
    assert first.name is None
    assert made.api_key.reveal() not in repr(second)
    with connect(venue, api_key=made.api_key) as reader:
        assert reader.me().permissions == ["read"]
        with pytest.raises(Forbidden, match="permission trade") as caught:
            reader.orders.cancel_all()
        assert caught.value.code == "INSUFFICIENT_PERMISSION"


def test_many_keys_are_listed_over_pages(client: PolySimulatorClient, person: Person) -> None:
    """Revoked keys stay listed, over as many pages as it takes, each once."""
    for _ in range(60):
        made = client.keys.create()
        client.keys.revoke(made.id)
    found = listed(client.keys.list())
    assert len({each.id for each in found}) == len(found) == 61
    assert [each.is_active for each in found] == [True] + [False] * 60


def test_too_many_keys(client: PolySimulatorClient) -> None:
    """The sixth active key is refused, and revoking one makes room."""
    made = [client.keys.create() for _ in range(4)]
    with pytest.raises(BadRequest, match="revoke"):
        client.keys.create()
    client.keys.revoke(made[0].id)
    client.keys.create()


def test_plan_beyond_the_account(client: PolySimulatorClient) -> None:
    """Keys above the plan are refused, with what to do."""
    with pytest.raises(Forbidden, match="leave tier and permissions out") as caught:
        client.keys.create(tier="pro_plus")
    assert caught.value.code == "TIER_REQUIRES_UPGRADE"
    with pytest.raises(Forbidden) as caught:
        client.keys.create(tier="enterprise")
    assert caught.value.code == "TIER_NOT_AUTHORIZED"
    assert client.keys.create(tier="free").tier == "free"


def test_get_and_rename(client: PolySimulatorClient) -> None:
    """A name can be given and taken away; unknown keys are not found."""
    made = client.keys.create("one")
    assert client.keys.rename(made.id, "two").name == "two"
    assert client.keys.get(made.id).name == "two"
    assert client.keys.rename(made.id, None).name is None
    with pytest.raises(NotFound):
        client.keys.get(999_999)
    with pytest.raises(NotFound):
        client.keys.rename(999_999, "three")


def test_rotate(client: PolySimulatorClient, venue: Venue) -> None:
    """The old key works for 24 hours beside the new one, and then says that it has expired."""
    (old,) = listed(client.keys.list())
    made = client.keys.rotate(old.id)
    assert made.id != old.id
    with connect(venue, api_key=made.api_key) as renewed:
        for seconds in (0.0, DAY - 60.0):
            venue.pass_time(seconds)
            assert client.me().user_id == renewed.me().user_id
        venue.pass_time(120.0)
        with pytest.raises(Unauthorized, match="use the one that replaced it") as caught:
            client.me()
        assert caught.value.code == "KEY_EXPIRED"
        renewed.me()


def test_rotate_and_go_on(client: PolySimulatorClient, venue: Venue) -> None:
    """With `use` the client has the new key from then on: the old one may end."""
    (old,) = listed(client.keys.list())
    before = client.mark
    client.keys.rotate(old.id, use=True)
    assert client.mark != before
    venue.pass_time(DAY + 60.0)
    assert client.me().tier == "pro"
    assert client.tier == "pro"


def test_revoke(client: PolySimulatorClient, venue: Venue) -> None:
    """A revoked key is refused at once; revoking it again is no error."""
    made = client.keys.create()
    with connect(venue, api_key=made.api_key) as other:
        other.me()
        client.keys.revoke(made.id)
        with pytest.raises(Unauthorized, match="revoked") as caught:
            other.me()
        assert caught.value.code == "KEY_DEACTIVATED"
    client.keys.revoke(made.id)
    assert not client.keys.get(made.id).is_active


def test_seeded_keys_that_do_not_hold(venue: Venue) -> None:
    """The revoked, the expired and an unknown key say which they are."""
    codes = {}
    for name in ("revoked_api_key", "expired_api_key"):
        with connect(venue, api_key=venue.sim.api_key(name)) as client:
            with pytest.raises(Unauthorized) as caught:
                client.me()
            codes[name] = caught.value.code
    with connect(venue, api_key="ps_live_" + "0" * 64) as client:
        with pytest.raises(Unauthorized, match="one deployment") as caught:
            client.me()
    assert codes == {"revoked_api_key": "KEY_DEACTIVATED", "expired_api_key": "KEY_EXPIRED"}
    assert caught.value.code == "INVALID_KEY"


def test_tiers_need_no_key(venue: Venue) -> None:
    """The table of plans is open to everybody."""
    with connect(venue) as nobody:
        table = {str(each.tier): each for each in nobody.keys.tiers()}
        assert list(table) == ["free", "pro", "pro_plus", "enterprise"]
        pro = table["pro"]
        assert (pro.requests_per_second, pro.requests_per_minute, pro.max_batch_size) == (30, 1800, 5)
        with pytest.raises(ConfigError, match="POLYSPEC_POLYSIMULATOR_API_KEY"):
            nobody.me()


def test_ws_token(client: PolySimulatorClient) -> None:
    """Tokens for websockets are secrets that last a minute."""
    made = client.keys.ws_token()
    assert made.expires_in == 60
    assert made.token.reveal().count(".") == 2
    assert made.token.reveal() not in repr(made)


def test_session_token_manages_keys(venue: Venue, person: Person) -> None:
    """Where the key is lost, the session token lists, makes and revokes."""
    with connect(venue, access_token=venue.token_of(person)) as client:
        (lost,) = listed(client.keys.list())
        made = client.keys.create("instead")
        client.keys.revoke(lost.id)
        client.use_key(made.api_key)
        assert client.me().key_count == 1


def test_no_secret_is_shown(client: PolySimulatorClient, person: Person, venue: Venue) -> None:
    """Neither reprs nor refusals, with their tracebacks, hold a key."""
    made = client.keys.create()
    client.keys.revoke(made.id)
    with connect(venue, api_key=made.api_key) as other:
        with pytest.raises(Unauthorized) as caught:
            other.me()
        shown = repr((client, other, made, caught.value, caught.value.details))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown += "".join(told.format())
    for secret in (person.key, made.api_key.reveal()):
        assert secret not in shown
