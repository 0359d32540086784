"""The life of API keys, from the first one to the last, against the venue itself."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator

import pytest

from polyspec.errors import BadRequest, ConfigError, Forbidden, NotFound, RateLimited, Unauthorized
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from tests.client.doing_async import listed
from tests.client.polysimulator.connect_async import connect
from tests.client.polysimulator.rig import Person, Venue, open_venue

pytestmark = pytest.mark.anyio

DAY = 86_400.0


@pytest.fixture
async def client(venue: Venue, person: Person) -> AsyncIterator[AsyncPolySimulatorClient]:
    """Connect for one test."""
    async with connect(venue, person) as client:
        yield client


# -- the first key --


async def test_first_key(venue: Venue) -> None:
    """A session token makes the first key and the API wallet; the same client goes on with it."""
    newcomer = venue.newcomer()
    async with connect(venue, access_token=venue.token_of(newcomer)) as client:
        assert not client.has_key
        assert client.has_access_token
        with pytest.raises(NotFound):
            await client.account.balance()
        made = await client.keys.bootstrap("my bot")
        assert (made.name, made.tier, made.permissions) == ("my bot", "pro", ("read", "trade"))
        raw = made.api_key.reveal()
        assert raw.startswith("ps_live_")
        assert made.key_prefix == raw[: len(made.key_prefix or "")] != raw
        client.use_key(made)
        assert client.has_key
        assert (await client.account.balance()).balance == 10_000
        me = await client.me()
        assert (me.user_id, me.email, me.key_count) == (newcomer.id, newcomer.email, 1)
        assert client.tier == "pro"


async def test_first_key_as_asked(venue: Venue) -> None:
    """Name, permissions and plan are the ones that were asked for."""
    async with connect(venue, access_token=venue.token_of(venue.newcomer())) as client:
        made = await client.keys.bootstrap(permissions=["read"], tier="free")
        assert (made.name, made.tier, made.permissions) == (None, "free", ("read",))


async def test_second_first_key_is_refused(venue: Venue) -> None:
    """There is one first key; the refusal says how to make another."""
    async with connect(venue, access_token=venue.token_of(venue.newcomer())) as client:
        await client.keys.bootstrap()
        with pytest.raises(BadRequest, match=r"keys\.create\(\)") as caught:
            await client.keys.bootstrap()
        assert caught.value.code == "BOOTSTRAP_NOT_ALLOWED"
        await client.keys.create()
        assert len(await listed(client.keys.list())) == 2


async def test_first_keys_are_limited_by_address() -> None:
    """One first key a minute from one address, whoever asks: a refusal that says how long to wait."""
    with open_venue(rate_limits=True) as venue:
        async with connect(venue, access_token=venue.token_of(venue.newcomer())) as first:
            await first.keys.bootstrap()
        async with connect(venue, access_token=venue.token_of(venue.newcomer())) as second:
            with pytest.raises(RateLimited) as caught:
                await second.keys.bootstrap(timeout=0.2)
            assert caught.value.retry_after is not None
            assert 0 < caught.value.retry_after <= 60
            venue.pass_time(60.0)
            await second.keys.bootstrap()


async def test_a_key_is_no_access_token(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """The first key needs the session token: without one nothing is sent."""
    with pytest.raises(ConfigError, match="access_token"):
        await client.keys.bootstrap()
    assert not venue.seen


async def test_access_token_from_a_function(venue: Venue) -> None:
    """A token that has expired is asked for again, and the call goes through."""
    newcomer, given = venue.newcomer(), []
    old = venue.world.tokens.session(newcomer.auth_id, life=1.0)
    venue.pass_time(2.0)

    def token() -> str:
        given.append(1)
        return old if len(given) == 1 else venue.token_of(newcomer)

    async with connect(venue, access_token=token) as client:
        me = await client.me()
        assert me.user_id == newcomer.id
    assert len(given) == 2


async def test_expired_access_token(venue: Venue) -> None:
    """A fixed token that has expired is refused, and the refusal says to sign in again."""
    old = venue.world.tokens.session(venue.newcomer().auth_id, life=1.0)
    venue.pass_time(2.0)
    async with connect(venue, access_token=old) as client:
        with pytest.raises(Unauthorized, match="sign in again") as caught:
            await client.me()
        assert caught.value.code == "TOKEN_EXPIRED"


# -- more keys --


async def test_create_and_list(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """A key that was made is listed without its secret, and works with its own permissions."""
    made = await client.keys.create("reader", permissions=["read"])
    first, second = await listed(client.keys.list())
    assert (second.id, second.name, second.key_prefix) == (made.id, "reader", made.key_prefix)
    assert first.name is None
    assert made.api_key.reveal() not in repr(second)
    async with connect(venue, api_key=made.api_key) as reader:
        assert (await reader.me()).permissions == ["read"]
        with pytest.raises(Forbidden, match="permission trade") as caught:
            await reader.orders.cancel_all()
        assert caught.value.code == "INSUFFICIENT_PERMISSION"


async def test_many_keys_are_listed_over_pages(client: AsyncPolySimulatorClient, person: Person) -> None:
    """Revoked keys stay listed, over as many pages as it takes, each once."""
    for _ in range(60):
        made = await client.keys.create()
        await client.keys.revoke(made.id)
    found = await listed(client.keys.list())
    assert len({each.id for each in found}) == len(found) == 61
    assert [each.is_active for each in found] == [True] + [False] * 60


async def test_too_many_keys(client: AsyncPolySimulatorClient) -> None:
    """The sixth active key is refused, and revoking one makes room."""
    made = [await client.keys.create() for _ in range(4)]
    with pytest.raises(BadRequest, match="revoke"):
        await client.keys.create()
    await client.keys.revoke(made[0].id)
    await client.keys.create()


async def test_plan_beyond_the_account(client: AsyncPolySimulatorClient) -> None:
    """Keys above the plan are refused, with what to do."""
    with pytest.raises(Forbidden, match="leave tier and permissions out") as caught:
        await client.keys.create(tier="pro_plus")
    assert caught.value.code == "TIER_REQUIRES_UPGRADE"
    with pytest.raises(Forbidden) as caught:
        await client.keys.create(tier="enterprise")
    assert caught.value.code == "TIER_NOT_AUTHORIZED"
    assert (await client.keys.create(tier="free")).tier == "free"


async def test_get_and_rename(client: AsyncPolySimulatorClient) -> None:
    """A name can be given and taken away; unknown keys are not found."""
    made = await client.keys.create("one")
    assert (await client.keys.rename(made.id, "two")).name == "two"
    assert (await client.keys.get(made.id)).name == "two"
    assert (await client.keys.rename(made.id, None)).name is None
    with pytest.raises(NotFound):
        await client.keys.get(999_999)
    with pytest.raises(NotFound):
        await client.keys.rename(999_999, "three")


async def test_rotate(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """The old key works for 24 hours beside the new one, and then says that it has expired."""
    (old,) = await listed(client.keys.list())
    made = await client.keys.rotate(old.id)
    assert made.id != old.id
    async with connect(venue, api_key=made.api_key) as renewed:
        for seconds in (0.0, DAY - 60.0):
            venue.pass_time(seconds)
            assert (await client.me()).user_id == (await renewed.me()).user_id
        venue.pass_time(120.0)
        with pytest.raises(Unauthorized, match="use the one that replaced it") as caught:
            await client.me()
        assert caught.value.code == "KEY_EXPIRED"
        await renewed.me()


async def test_rotate_and_go_on(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """With `use` the client has the new key from then on: the old one may end."""
    (old,) = await listed(client.keys.list())
    before = client.mark
    await client.keys.rotate(old.id, use=True)
    assert client.mark != before
    venue.pass_time(DAY + 60.0)
    assert (await client.me()).tier == "pro"
    assert client.tier == "pro"


async def test_revoke(client: AsyncPolySimulatorClient, venue: Venue) -> None:
    """A revoked key is refused at once; revoking it again is no error."""
    made = await client.keys.create()
    async with connect(venue, api_key=made.api_key) as other:
        await other.me()
        await client.keys.revoke(made.id)
        with pytest.raises(Unauthorized, match="revoked") as caught:
            await other.me()
        assert caught.value.code == "KEY_DEACTIVATED"
    await client.keys.revoke(made.id)
    assert not (await client.keys.get(made.id)).is_active


async def test_seeded_keys_that_do_not_hold(venue: Venue) -> None:
    """The revoked, the expired and an unknown key say which they are."""
    codes = {}
    for name in ("revoked_api_key", "expired_api_key"):
        async with connect(venue, api_key=venue.sim.api_key(name)) as client:
            with pytest.raises(Unauthorized) as caught:
                await client.me()
            codes[name] = caught.value.code
    async with connect(venue, api_key="ps_live_" + "0" * 64) as client:
        with pytest.raises(Unauthorized, match="one deployment") as caught:
            await client.me()
    assert codes == {"revoked_api_key": "KEY_DEACTIVATED", "expired_api_key": "KEY_EXPIRED"}
    assert caught.value.code == "INVALID_KEY"


async def test_tiers_need_no_key(venue: Venue) -> None:
    """The table of plans is open to everybody."""
    async with connect(venue) as nobody:
        table = {str(each.tier): each for each in await nobody.keys.tiers()}
        assert list(table) == ["free", "pro", "pro_plus", "enterprise"]
        pro = table["pro"]
        assert (pro.requests_per_second, pro.requests_per_minute, pro.max_batch_size) == (30, 1800, 5)
        with pytest.raises(ConfigError, match="POLYSPEC_POLYSIMULATOR_API_KEY"):
            await nobody.me()


async def test_ws_token(client: AsyncPolySimulatorClient) -> None:
    """Tokens for websockets are secrets that last a minute."""
    made = await client.keys.ws_token()
    assert made.expires_in == 60
    assert made.token.reveal().count(".") == 2
    assert made.token.reveal() not in repr(made)


async def test_session_token_manages_keys(venue: Venue, person: Person) -> None:
    """Where the key is lost, the session token lists, makes and revokes."""
    async with connect(venue, access_token=venue.token_of(person)) as client:
        (lost,) = await listed(client.keys.list())
        made = await client.keys.create("instead")
        await client.keys.revoke(lost.id)
        client.use_key(made.api_key)
        assert (await client.me()).key_count == 1


async def test_no_secret_is_shown(client: AsyncPolySimulatorClient, person: Person, venue: Venue) -> None:
    """Neither reprs nor refusals, with their tracebacks, hold a key."""
    made = await client.keys.create()
    await client.keys.revoke(made.id)
    async with connect(venue, api_key=made.api_key) as other:
        with pytest.raises(Unauthorized) as caught:
            await other.me()
        shown = repr((client, other, made, caught.value, caught.value.details))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown += "".join(told.format())
    for secret in (person.key, made.api_key.reveal()):
        assert secret not in shown
