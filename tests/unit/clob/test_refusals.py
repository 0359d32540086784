"""The venue's words choose the kind of an error and its advice; they refuse nothing by themselves."""

from __future__ import annotations

import pickle

import pytest

from polyspec.clob.fate import Rejected, refused
from polyspec.clob.refusals import (
    is_duplicate,
    is_restriction,
    is_stale_market,
    is_undecided,
    is_version_mismatch,
    refusal,
)
from polyspec.errors import (
    ApiError,
    BadRequest,
    InsufficientFunds,
    OrderRejected,
    ServerError,
    TradingRestricted,
)
from tests.unit.clob.clob_rig import signed

ID = "0x" + "12" * 32

# What the venue documents, which kind of error it is, and a word of the advice.
DOCUMENTED = [
    ("not enough balance / allowance", InsufficientFunds, "get_balance_allowance"),
    ("the order signer address has to be the address of the API KEY", OrderRejected, "derive"),
    ("the order owner has to be the owner of the API KEY", OrderRejected, "another API key"),
    ("maker address not allowed, please use the deposit wallet flow", OrderRejected, "signature_type 3"),
    ("invalid signature", OrderRejected, "funder"),
    (f"order {ID} is invalid. Price (0.5) breaks minimum tick size rule: 0.1", OrderRejected, "build"),
    (f"order {ID} is invalid. Size (1) lower than the minimum: 5", OrderRejected, ""),
    ("invalid amounts, maker amount supports a max accuracy of 2 decimals", OrderRejected, "decimals"),
    ("order_version_mismatch", OrderRejected, "version"),
    ("invalid post-only order: order crosses book", OrderRejected, ""),
    (f"order {ID} is invalid. Duplicated.", OrderRejected, ""),
    ("order couldn't be fully filled. FOK orders are fully filled or killed.", OrderRejected, ""),
    ("no orders found to match with FAK order.", OrderRejected, ""),
    ("the market is not yet ready to process new orders", TradingRestricted, ""),
    ("'0x12' address banned", TradingRestricted, ""),
    ("'0x12' address in closed only mode", TradingRestricted, "close"),
    ("Trading is currently disabled. Check polymarket.com for updates", TradingRestricted, "wait"),
    ("Trading is currently cancel-only. New orders are not accepted", TradingRestricted, "cancels"),
    ("post-only mode: only post-only orders and cancels are allowed", TradingRestricted, "two minutes"),
    ("Trading restricted in your region, please refer to ...", TradingRestricted, "region"),
    ("Invalid order payload", OrderRejected, ""),
    ("", OrderRejected, "no reason given"),
]


@pytest.mark.parametrize(("text", "kind", "advice"), DOCUMENTED)
@pytest.mark.parametrize("spelling", [str, str.upper, str.lower])
def test_documented_words(text: str, kind: type[ApiError], advice: str, spelling: type[str]) -> None:
    """Every documented refusal is an error of its kind, with the venue's words, the order, and what to do."""
    error = refusal(spelling(text), status=400, code="c", about=f"order {ID}")
    assert type(error) is kind
    assert spelling(text) in error.message
    assert ID in error.message
    assert advice in error.message
    assert (error.status, error.code) == (400, "c")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("status", [403, 425])
def test_statuses_that_restrict(status: int) -> None:
    """What a region or a restart refuses is a restriction, unless its words are known for something else."""
    assert type(refusal("no", status=status)) is TradingRestricted
    assert type(refusal("not enough balance", status=status)) is InsufficientFunds
    assert type(refusal("no", status=400)) is OrderRejected


def test_refusals_of_orders_carry_all_that_was_said() -> None:
    """A refused order tells the venue's words, status, code and wait, and raises them when unwrapped."""
    order = signed()
    said = BadRequest("not enough balance / allowance", status=400, code=7, retry_after=3.0)
    outcome = Rejected(
        order_id=order.order_id, order=order, text=said.message, status=400, code=7, retry_after=3.0
    )
    assert not outcome.never_arrived
    with pytest.raises(InsufficientFunds) as caught:
        outcome.unwrap()
    error = caught.value
    assert (error.status, error.code, error.retry_after) == (400, 7, 3.0)
    assert order.order_id in str(error)
    assert order.signature not in repr(outcome)
    unknown = type("Unknown", (), {"order_id": order.order_id, "order": order})()
    assert refused(unknown, said) == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "text", "code", "found"),
    [
        (503, "Trading is currently disabled. Check polymarket.com for updates", None, True),
        (503, "TRADING IS CURRENTLY CANCEL-ONLY", None, True),
        (503, "post-only mode: only post-only orders and cancels are allowed", None, True),
        (503, "", "post_only_mode", True),
        (503, "overloaded", None, False),
        (503, "invalid post-only order: order crosses book", None, False),
        (500, "Trading is currently disabled", None, False),
        (400, "post-only mode: only post-only orders", None, False),
    ],
)
def test_restrictions(status: int, text: str, code: str | None, found: bool) -> None:
    """Only a 503 in these words announces that orders are not looked at."""
    assert is_restriction(ServerError(text, status=status, code=code)) is found


def test_words_that_leave_open_what_happened() -> None:
    """Words of a delay or of a failure half way decide nothing; words of a refusal do."""
    for text in ("order match delayed due to market conditions", "order timed out", "Duplicated."):
        assert is_undecided(text)
        assert is_undecided(text.upper())
    decided = [text for text, _, _ in DOCUMENTED if not is_duplicate(text)]
    assert not any(is_undecided(text) for text in decided)
    assert is_duplicate(f"order {ID} is invalid. Duplicated.")


def test_words_about_the_market_and_the_version() -> None:
    """A refusal over the tick, the size, the signature or the fee has the market read anew."""
    stale = [text for text, _, _ in DOCUMENTED if is_stale_market(text)]
    assert len(stale) == 3
    assert is_stale_market("invalid fee rate (30), current market's taker fee: 0")
    assert is_version_mismatch("order_version_mismatch")
    assert not is_version_mismatch("order version")
