"""Troubles of the CLOB, really made, and what the doctor says of them."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from polyspec_wire.clob import OPERATIONS

from polyspec.clob.credentials import ApiCreds
from polyspec.core.findings import Diagnosis, Severity
from polyspec.errors import ConfigError
from polyspec.sandbox.clob.chain import spenders
from polyspec.sandbox.clob.engine import types as t
from tests.client.clob.connect_async import connect
from tests.client.clob.rig import QUICK, UNPACED, Person, Token, Venue, open_venue

pytestmark = pytest.mark.anyio


def severity(found: Diagnosis, code: str) -> Severity | None:
    """Return how bad a finding is; None if there is none."""
    finding = found.get(code)
    return None if finding is None else finding.severity


async def test_all_is_well(venue: Venue, person: Person, token: Token) -> None:
    """A client that works has findings of every area, and none of them is a warning."""
    async with connect(venue, person) as client:
        await client.create_api_key()
        venue.seen.clear()
        found = await client.doctor([token.id])
    wanted = {"network.ok", "clock.ok", "protocol.ok", "credentials.ok", "restrictions.ok", "wallet.ok"}
    wanted |= {"allowance.ok", "balance.settled", "orders.none", "market.ok", "heartbeats.none"}
    assert wanted <= found.codes()
    # UNPACED holds nothing back
    assert {each.code for each in found.warnings} <= {"limits.pacing_off", "extras.slow_signing"}
    assert not found.errors
    assert all(OPERATIONS[name].method == "GET" for name in venue.seen)


async def test_nothing_is_made(venue: Venue, person: Person) -> None:
    """Where there are no API credentials, none are made: that is said, and what needs them is left out."""
    async with connect(venue, person) as client:
        found = await client.doctor()
        assert client.creds is None
    assert severity(found, "credentials.absent") is Severity.INFO
    assert not venue.world.keys.of(person.address.lower())
    assert not found.errors


async def test_money_in_another_wallet(venue: Venue) -> None:
    """Money in the Safe while the key trades for itself is one error that names the type to give."""
    person = venue.person(0)
    venue.fund(person.wallets.safe, 70)
    async with connect(venue, person) as client:
        await client.create_api_key()
        found = await client.doctor()
    wrong = found.get("wallet.wrong")
    assert wrong is not None
    assert wrong.severity is Severity.ERROR
    assert person.wallets.safe in wrong.what
    assert "70" in wrong.what
    assert "signature_type=2" in wrong.fix
    async with connect(venue, person, signature_type=2) as client:
        assert {"wallet.ok", "allowance.ok"} <= (await client.doctor()).codes()


async def test_money_nowhere_and_money_twice(venue: Venue, person: Person) -> None:
    """No money in any wallet is a warning that tells dollars apart; money in two is worth a word."""
    async with connect(venue, venue.person(0)) as client:
        await client.create_api_key()
        empty = (await client.doctor()).get("wallet.empty")
    assert empty is not None
    assert empty.severity is Severity.WARNING
    assert "USDC.e" in empty.fix
    venue.fund(person.wallets.proxy, 5)
    async with connect(venue, person) as client:
        await client.create_api_key()
        found = await client.doctor()
    assert severity(found, "wallet.several") is Severity.INFO
    assert severity(found, "wallet.ok") is Severity.OK


@pytest.mark.parametrize(
    ("lost", "code", "worst"),
    [
        ((0, 1, 2), "allowance.missing", Severity.ERROR),
        ((1,), "allowance.partial", Severity.WARNING),
    ],
)
async def test_missing_allowances(
    venue: Venue, person: Person, lost: tuple[int, ...], code: str, worst: Severity
) -> None:
    """What no exchange may take is an error, what one may not is a warning; both name the contracts."""
    contracts = spenders(venue.clob.chain_id)
    with venue.world.lock:
        for place in lost:
            venue.world.apply(
                t.SetAllowance(wallet=person.address.lower(), spender=contracts[place].lower(), amount=0)
            )
    async with connect(venue, person) as client:
        await client.create_api_key()
        finding = (await client.doctor()).get(code)
    assert finding is not None
    assert finding.severity is worst
    assert all(contracts[place].lower() in finding.fix.lower() for place in lost)


async def test_shares_that_cannot_be_sold(venue: Venue, person: Person, token: Token) -> None:
    """Shares that are held and that the exchange may not take are an error of the market looked at."""
    contract = spenders(venue.clob.chain_id)[0]
    venue.stock(person.address, token, 12)
    async with connect(venue, person) as client:
        await client.create_api_key()
        assert "allowance.shares" not in (await client.doctor([token.id])).codes()
        with venue.world.lock:
            wallet, spender = person.address.lower(), contract.lower()
            venue.world.apply(t.SetApproval(wallet=wallet, spender=spender, approved=False))
        shares = (await client.doctor([token.id])).get("allowance.shares")
    assert shares is not None
    assert shares.severity is Severity.ERROR
    assert "12 shares" in shares.what
    assert contract in shares.fix


async def test_a_wallet_that_has_spent_everything(venue: Venue, token: Token) -> None:
    """A wallet that turned all its money into shares is not called the wrong one."""
    person = venue.person(5)
    venue.fund(person.wallets.proxy, 9)
    venue.offer(token, "0.5", 10)
    async with connect(venue, person) as client:
        (await client.create_and_post_order(**token.known, side="BUY", price="0.5", size=10)).unwrap()
        assert venue.wait_for(lambda: venue.world.exchange.holding(person.address.lower()).balance == 0)
        found = await client.doctor()
    assert severity(found, "wallet.spent") is Severity.WARNING
    assert "wallet.wrong" not in found.codes()


async def test_deposit_wallets(venue: Venue, person: Person) -> None:
    """Of a deposit wallet both forms are named, as the venue does not say which it looked into."""
    current, older = person.wallets.deposits
    venue.fund(current, 30)
    async with connect(venue, person, signature_type=3) as client:
        await client.create_api_key()
        found = await client.doctor()
    forms = found.get("wallet.deposit_form")
    assert forms is not None
    assert forms.facts == {"used": current, "other": older}
    assert severity(found, "wallet.ok") is Severity.OK


async def test_an_allowance_too_low(venue: Venue, person: Person) -> None:
    """An allowance below the balance is told with both."""
    contract = spenders(venue.clob.chain_id)[0].lower()
    with venue.world.lock:
        venue.world.apply(t.SetAllowance(wallet=person.address.lower(), spender=contract, amount=25_000_000))
    async with connect(venue, person) as client:
        await client.create_api_key()
        low = (await client.doctor()).get("allowance.low")
    assert low is not None
    assert "25" in low.what
    assert "10000" in low.what


async def test_deleted_and_foreign_credentials(venue: Venue, person: Person) -> None:
    """Credentials that are refused are told by what the key derives: nothing, or others."""
    other = venue.person()
    async with connect(venue, person) as client, connect(venue, other) as stranger:
        gone = await client.create_api_key()
        theirs = await stranger.create_api_key()
        await client.delete_api_key()
    async with connect(venue, person, creds=gone) as client:
        found = await client.doctor()
        assert severity(found, "credentials.deleted") is Severity.ERROR
        assert severity(found, "check.skipped") is Severity.INFO
        assert found.exit_status == 2
    async with connect(venue, person) as client:
        await client.create_api_key(7)
    async with connect(venue, person, creds=theirs, nonce=7) as client:
        assert severity(await client.doctor(), "credentials.replaced") is Severity.ERROR


async def test_credentials_in_other_states(venue: Venue, person: Person) -> None:
    """Those of another nonce are told as such; without the key, a refusal is all that can be told."""
    async with connect(venue, person) as client:
        await client.create_api_key()
        seventh = await client.create_api_key(7)
    async with connect(venue, person, creds=seventh) as client:
        assert severity(await client.doctor(), "credentials.other_nonce") is Severity.INFO
    async with connect(venue, person, key=None, address=person.address, creds=seventh) as client:
        assert severity(await client.doctor(), "credentials.ok") is Severity.OK
        await client.delete_api_key()
    async with connect(venue, person, key=None, address=person.address, creds=seventh) as client:
        assert severity(await client.doctor(), "credentials.refused") is Severity.ERROR


async def test_another_chain_and_another_version(venue: Venue, person: Person) -> None:
    """A wallet signature for another chain is refused, and told; so is a version nobody can sign."""
    with venue.world.lock:
        venue.world.modes.version = 9
    try:
        async with connect(venue, person, chain_id=80002) as client:
            found = await client.doctor()
    finally:
        with venue.world.lock:
            venue.world.modes.version = 2
    assert severity(found, "protocol.unknown") is Severity.ERROR
    refused = found.get("credentials.l1_refused")
    assert refused is not None
    assert "80002" in refused.fix


async def test_credentials_that_lapsed() -> None:
    """Credentials that exist and are refused all the same are told apart from deleted ones."""
    with open_venue(key_life=60.0) as venue:
        person = venue.person()
        async with connect(venue, person) as client:
            await client.create_api_key()
            venue.world.clock.advance(61)
            assert severity(await client.doctor(), "credentials.lapsed") is Severity.ERROR


async def test_a_wrong_passphrase(venue: Venue, person: Person) -> None:
    """The right key with a wrong passphrase is told apart from wrong credentials, and nothing is shown."""
    async with connect(venue, person) as client:
        right = (await client.create_api_key()).reveal()
    wrong = ApiCreds(str(right["api_key"]), str(right["api_secret"]), "hunter2-hunter2")
    async with connect(venue, person, creds=wrong) as client:
        found = await client.doctor()
    assert severity(found, "credentials.secret") is Severity.ERROR
    told = str(found) + json.dumps([each.as_dict() for each in found.findings])
    for secret in (right["api_secret"], right["api_passphrase"], "hunter2-hunter2", person.key[2:]):
        assert str(secret) not in told


async def test_restrictions_versions_and_other_wallets_orders(
    venue: Venue, person: Person, token: Token
) -> None:
    """Closed-only accounts, another version of orders, and orders of another wallet are told."""
    venue.fund(person.wallets.safe)
    async with connect(venue, person) as client, connect(venue, person, signature_type=2) as second:
        await second.create_and_post_order(**token.known, side="BUY", price="0.4", size=10)
        with venue.world.lock:
            venue.world.modes.closed_only = {person.address.lower()}
            venue.world.modes.version = 3
        try:
            found = await client.doctor()
        finally:
            with venue.world.lock:
                venue.world.modes.closed_only = set()
                venue.world.modes.version = 2
    assert severity(found, "restrictions.closed_only") is Severity.WARNING
    assert severity(found, "protocol.other") is Severity.INFO
    assert severity(found, "orders.strangers") is Severity.WARNING


async def test_orders_that_hold_everything(venue: Venue, token: Token) -> None:
    """Open buys that hold the whole balance are told, with the numbers."""
    person = venue.person(40)
    async with connect(venue, person) as client:
        (await client.create_and_post_order(**token.known, side="BUY", price="0.4", size=50)).unwrap()
        held = await client.doctor()
        (await client.create_and_post_order(**token.known, side="BUY", price="0.4", size=50)).unwrap()
        full = await client.doctor()
    assert severity(held, "balance.held") is Severity.INFO
    assert severity(held, "orders.open") is Severity.INFO
    reserved = full.get("balance.reserved")
    assert reserved is not None
    assert reserved.facts == {"held": "40", "balance": "40"}


async def test_ticks_and_markets(venue: Venue, person: Person, token: Token) -> None:
    """A tick that changed under the client, a market that is closed and one that is none are told."""
    closed = venue.market()
    async with connect(venue, person) as client:
        # which makes the client remember the market
        await client.get_fee_schedule(token.id)
        with venue.world.lock:
            venue.world.apply(t.SetTick(condition_id=token.condition_id, tick=1_000))
            venue.world.apply(
                t.SetMarketStatus(condition_id=closed.condition_id, status=t.MarketStatus.CLOSED)
            )
        found = await client.doctor()
        changed = found.get("market.tick_changed")
        assert changed is not None
        assert (changed.facts["tick"], changed.facts["known"]) == ("0.001", "0.01")
        named = await client.doctor([closed.id, "123456"])
    assert severity(named, "market.closed") is Severity.WARNING
    assert severity(named, "market.unknown") is Severity.ERROR


async def test_heartbeats(venue: Venue, person: Person) -> None:
    """Heartbeats that run are told, and those the venue does not hear are an error."""
    async with connect(venue, person, QUICK) as client:
        async with client.heartbeats(5.0) as beating:
            assert severity(await client.doctor(), "heartbeats.ok") is Severity.OK
            beating._pulse._heard = float("-inf")
            assert severity(await client.doctor(), "heartbeats.silent") is Severity.ERROR
        assert severity(await client.doctor(), "heartbeats.none") is Severity.INFO


async def test_a_dead_port(venue: Venue, person: Person) -> None:
    """Where nothing listens, that is the one error, and everything that needs the venue is left out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with connect(venue, person, host=host) as client:
            found = await client.doctor()
    assert [each.code for each in found.errors] == ["network.tcp"]
    assert {each.check for each in found.findings if each.code == "check.skipped"} >= {"clock", "wallet"}


async def test_one_check_that_fails_stops_no_other(venue: Venue, person: Person) -> None:
    """A check that hangs ends at its deadline, and those that do not need it go on."""
    async with connect(venue, person) as client:
        await client.create_api_key()
        venue.clob.faults.add(kind="hang", operation="Auth_GetClosedOnlyMode", times=9)
        try:
            found = await client.doctor(deadline=0.3)
        finally:
            venue.clob.faults.clear()
    assert [(each.code, each.check) for each in found.errors] == [("check.timed_out", "restrictions")]
    assert {"wallet.ok", "orders.none"} <= found.codes()


async def test_clocks() -> None:
    """A clock that is off is told with its seconds: corrected, or beyond what is corrected."""
    with open_venue() as venue:
        person = venue.person()
        venue.world.clock.advance(120)
        async with connect(venue, person) as client:
            await client.create_api_key()
            found = await client.doctor()
            corrected = found.get("clock.corrected")
            assert corrected is not None
            assert corrected.severity is Severity.WARNING
            assert abs(float(str(corrected.facts["offset_seconds"])) - 120) < 3
            assert "behind" in corrected.what
            assert "credentials.ok" in found.codes()
        venue.world.clock.advance(3600)
        async with connect(venue, person) as client:
            found = await client.doctor()
            assert [each.code for each in found.errors] == ["clock.refused"]
        venue.world.clock.header_offset = -3720.0
        async with connect(venue, person) as client:
            assert severity(await client.doctor(), "clock.contradictory") is Severity.WARNING


async def test_session_keys(venue: Venue, person: Person) -> None:
    """A key that trades for another owner's wallet is not measured by its own wallets."""
    owner = venue.person()
    changes: dict[str, Any] = {"funder": owner.wallets.deposits[0], "session_key": True}
    async with connect(venue, person, **changes) as client:
        await client.create_api_key()
        found = await client.doctor()
    assert severity(found, "wallet.session_key") is Severity.INFO
    assert not {"wallet.ok", "wallet.wrong", "allowance.ok"} & found.codes()


async def test_unsettled_and_failed_trades() -> None:
    """Shares that were bought and are not on the chain yet are told, and so are trades that failed."""
    with open_venue(mined_delay=None) as venue:
        person, token = venue.person(), venue.market()
        venue.offer(token, "0.5", 10)
        async with connect(venue, person) as client:
            (await client.create_and_post_order(**token.known, side="BUY", price="0.5", size=10)).unwrap()
            found = await client.doctor()
            unsettled = found.get("balance.unsettled")
            assert unsettled is not None
            assert unsettled.facts["tokens"] == [token.id]
            with venue.world.lock:
                [trade] = venue.world.exchange.trades()
                venue.world.apply(t.SetTradeStatus(trade_id=trade.id, status=t.TradeStatus.FAILED))
            assert severity(await client.doctor(), "trades.failed") is Severity.WARNING


@pytest.mark.parametrize("changes", [{"key": None}, {"key": None, "address": "0x" + "1" * 40}])
async def test_without_a_key(venue: Venue, changes: dict[str, Any]) -> None:
    """A client without a key is told that it can only read, and nothing is wrong with that."""
    async with connect(venue, settings=UNPACED, **changes) as client:
        found = await client.doctor()
    assert not found.errors
    assert severity(found, "credentials.none") is Severity.INFO


async def test_findings_come_as_they_are_made(venue: Venue) -> None:
    """Who asks is told of findings one by one, each with its venue and its check."""
    heard = []
    async with connect(venue) as client:
        found = await client.doctor(tell=heard.append)
    assert tuple(heard) == found.findings
    assert all(each.venue == "clob" and each.check for each in heard)


async def test_a_client_that_is_closed(venue: Venue) -> None:
    """A closed client says so, in place of a list of what it could not ask."""
    async with connect(venue) as client:
        pass
    with pytest.raises(ConfigError, match="closed"):
        await client.doctor()
