"""Wallets: baselines, selection, resets, archives, and what they were worth."""

from __future__ import annotations

import pytest

from polyspec.sandbox.polysimulator.engine import PositionStatus, Refused, WalletKind
from tests.sandbox.polysimulator.engine.paper import DOLLAR, SECOND, START, Desk

HOUR = 3600 * SECOND


@pytest.mark.parametrize(("tier", "baseline"), [("free", 100), ("pro", 10_000), ("pro_plus", 25_000)])
def test_an_account_starts_with_its_tiers_money(tier: str, baseline: int):
    """MAIN holds 1,000 for everybody, the API wallet what the tier gives."""
    desk = Desk(tier=tier)
    wallets = {wallet.type: wallet.cash for wallet in desk.exchange.wallets(1)}
    assert wallets == {WalletKind.MAIN: 1000 * DOLLAR, WalletKind.API: baseline * DOLLAR}
    assert desk.exchange.open_user(1, "free", desk.now).tier == tier


def test_the_api_wallet_can_come_later():
    """An account without keys has none; orders say so until it is opened."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now, api_wallet=False)
    assert desk.refusal("BUY", "0.50", "5", user=2) == "WALLET_NOT_FOUND"
    opened = desk.exchange.open_api_wallet(2, desk.now)
    assert desk.exchange.open_api_wallet(2, desk.now) == opened == desk.exchange.wallet(2)
    assert opened.baseline == 10_000 * DOLLAR


def test_each_kind_of_wallet_has_its_baseline():
    """A free account's own wallets hold nothing, its API wallet a hundred dollars; others can be given."""
    desk = Desk(tier="free")
    desk.exchange.open_user(2, "free", desk.now, api_wallet=False)
    made = [desk.exchange.open_api_wallet(2, desk.now), desk.exchange.create_wallet(2, desk.now)]
    assert [wallet.baseline for wallet in made] == [100 * DOLLAR, 0]
    assert desk.exchange.create_wallet(2, desk.now, kind=WalletKind.MAIN).cash == 1000 * DOLLAR
    assert desk.exchange.create_wallet(2, desk.now, baseline=7).cash == 7


def test_wallets_are_named_by_number_or_word():
    """`api`, `all` and numbers in any case; another's wallet is not found."""
    desk = Desk()
    desk.exchange.open_user(2, "pro", desk.now)
    own = desk.exchange.create_wallet(1, desk.now, label="try")
    assert own.type is WalletKind.SANDBOX
    assert own.cash == 10_000 * DOLLAR
    assert [w.type for w in desk.exchange.select(1, None)] == [WalletKind.API]
    assert desk.exchange.select(1, "API") == desk.exchange.select(1, None)
    assert len(desk.exchange.select(1, "all")) == 3
    assert desk.exchange.select(1, str(own.id)) == desk.exchange.select(1, own.id) == [own]
    for user, selector, code in ((2, own.id, "WALLET_NOT_FOUND"), (1, "mine", "VALIDATION_FAILED")):
        with pytest.raises(Refused, match=code):
            desk.exchange.select(user, selector)


def test_wallets_keep_their_money_apart():
    """An order in one wallet touches no other."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    other = desk.exchange.create_wallet(1, desk.now)
    desk.market("BUY", "0.50", "20", wallet_id=other.id)
    assert (desk.cash, desk.position()) == ("10000.00", None)
    assert desk.exchange.wallet(1, other.id).cash == 9_989_800_000
    assert desk.refusal("SELL", "0.40", "20", order_type="market") == "INSUFFICIENT_POSITION"


def test_a_reset_starts_over():
    """Orders are cancelled, positions closed by it, the baseline restored, the generation one more."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("SELL", "0.60", "20")
    desk.place("BUY", "0.45", "30")
    done = desk.exchange.reset_wallet(1, desk.now)
    assert (done.balance, done.positions_closed, done.orders_cancelled) == (10_000 * DOLLAR, 1, 2)
    wallet = desk.exchange.wallet(1)
    assert (wallet.cash, wallet.generation) == (10_000 * DOLLAR, 2)
    (position,) = desk.exchange.positions([wallet])
    assert (position.status, position.quantity, position.reserved) == (
        PositionStatus.CLOSED_BY_RESET,
        200_000,
        0,
    )
    assert [desk.exchange.order(1, n).cancelled_reason for n in (1, 2)] == ["wallet_reset"] * 2
    assert desk.refusal("SELL", "0.40", "20", order_type="market") == "INSUFFICIENT_POSITION"
    assert desk.market("BUY", "0.50", "10").position is not None
    assert len(desk.exchange.positions([wallet])) == 2
    desk.exchange.audit()


def test_a_free_wallet_is_not_reset():
    """Its hundred dollars are given once."""
    desk = Desk(tier="free")
    with pytest.raises(Refused) as refused:
        desk.exchange.reset_wallet(1, desk.now)
    assert (refused.value.code, refused.value.status) == ("UPGRADE_REQUIRED", 402)


def test_a_reset_gives_what_the_plan_gives_now():
    """Who moves up begins anew with the newer plan's baseline; one that was agreed on stays."""
    desk = Desk(tier="free")
    own = desk.exchange.create_wallet(1, desk.now, baseline=7 * DOLLAR)
    desk.exchange.set_tier(1, "pro_plus", desk.now)
    assert desk.exchange.wallet(1).cash == 100 * DOLLAR
    assert desk.exchange.reset_wallet(1, desk.now).balance == 25_000 * DOLLAR
    assert desk.exchange.reset_wallet(1, desk.now, own.id).balance == 7 * DOLLAR
    wallet = desk.exchange.wallet(1)
    assert (wallet.cash, wallet.baseline) == (25_000 * DOLLAR, 25_000 * DOLLAR)
    desk.exchange.audit()


def test_archiving_cancels_orders_and_hides_the_wallet():
    """Only a SANDBOX wallet can be put away; it is not found afterwards."""
    desk = Desk()
    own = desk.exchange.create_wallet(1, desk.now)
    desk.place("BUY", "0.45", "30", wallet_id=own.id)
    archived = desk.exchange.archive_wallet(1, own.id, desk.now)
    assert (archived.status, archived.cash) == ("archived", 10_000 * DOLLAR)
    assert desk.exchange.order(1, 1).cancelled_reason == "wallet_archived"
    assert len(desk.exchange.wallets(1)) == 2
    assert len(desk.exchange.wallets(1, archived=True)) == 3
    with pytest.raises(Refused, match="WALLET_NOT_FOUND"):
        desk.exchange.rename_wallet(1, own.id, "again", desk.now)
    with pytest.raises(Refused, match="ACCESS_RESTRICTED"):
        desk.exchange.archive_wallet(1, desk.exchange.wallet(1).id, desk.now)


def test_renaming_changes_the_label_only():
    """A label can be set and cleared."""
    desk = Desk()
    own = desk.exchange.create_wallet(1, desk.now, label="first")
    assert desk.exchange.rename_wallet(1, own.id, "second", desk.now).label == "second"
    assert desk.exchange.rename_wallet(1, own.id, None, desk.now).label is None


def test_worth_counts_cash_kept_cash_and_shares():
    """Shares count at the displayed price; what orders keep is still the wallet's."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    desk.market("BUY", "0.50", "20")
    desk.place("BUY", "0.40", "10")
    worth = desk.exchange.summary(desk.exchange.select(1, "api"))
    assert (worth.cash, worth.reserved, worth.position_value) == (9_985_800_000, 4_000_000, 9_800_000)
    assert (worth.total, worth.starting_balance) == (9_999_600_000, 10_000 * DOLLAR)
    assert desk.exchange.summary(desk.exchange.select(1, "all")).starting_balance == 11_000 * DOLLAR


def test_worth_is_noted_every_hour():
    """There is a point per hour since the wallet was made, an uneventful one being as the last."""
    desk = Desk()
    desk.show("0.48x100", "0.50x100")
    wallet = desk.exchange.wallet(1)
    desk.wait(0)
    desk.market("BUY", "0.50", "20")
    desk.place("BUY", "0.40", "20")
    desk.wait(3600)
    desk.wait(3600)
    desk.show("0.58x100", "0.60x100")
    desk.wait(3600)
    points = desk.exchange.equity(wallet.id, START, desk.now)
    first = START // HOUR * HOUR
    assert [point.hour_ns for point in points] == [first + n * HOUR for n in range(4)]
    assert [point.total // 10_000 for point in points] == [1_000_000, 999_960, 999_960, 1_000_160]
    stored = len(desk.exchange._core.state.points[wallet.id])
    assert stored == 3
    assert desk.exchange.equity(wallet.id, START + 2 * HOUR, desk.now) == points[2:]
    # a restart within the hour does not note it again
    desk.revive()
    desk.market("BUY", "0.60", "20")
    desk.wait(0)
    assert desk.exchange.equity(wallet.id, START, desk.now) == points
