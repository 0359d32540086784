"""What the venue's words about an order mean: which error they are, and what to do about it.

The words are no stable contract, so they only choose between kinds of one error and add advice; whether an
order stands is never read from them alone. They may cast doubt on a refusal, so that the order is looked up:
words of a delay, or of a failure half way. And what the venue announces of restricted trading, for which it
has a status that may mean anything, is borne out by looking the order up.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from polyspec.errors import ApiError, InsufficientFunds, OrderRejected, TradingRestricted

__all__ = [
    "is_duplicate",
    "is_restriction",
    "is_stale_market",
    "is_undecided",
    "is_version_mismatch",
    "refusal",
]


@frozen
class _Meaning:
    words: str
    kind: type[OrderRejected]
    advice: str = ""


_MEANINGS: Final = (
    _Meaning(
        "not enough balance",
        InsufficientFunds,
        "look at get_balance_allowance: the wallet that counts is the maker of the order, open orders count "
        "against it, tokens of trades that are not settled yet cannot be sold, and the exchange that settles "
        "the market (neg-risk or not) needs the allowance",
    ),
    _Meaning(
        "signer address has to be the address of the api key",
        OrderRejected,
        "the credentials belong to another key than the one that signs: derive them with this key",
    ),
    _Meaning(
        "owner has to be the owner of the api key",
        OrderRejected,
        "the order names another API key than the one that sends it: post it with the client it is meant for",
    ),
    _Meaning(
        "maker address not allowed",
        OrderRejected,
        "this account trades from its deposit wallet: use signature_type 3 with that wallet as funder",
    ),
    _Meaning(
        "invalid signature",
        OrderRejected,
        "signature type, funder and chain must be those of the account; leave signature_type and funder out "
        "to trade from the key itself",
    ),
    _Meaning("tick size rule", OrderRejected, "the tick size has changed: build the order again"),
    _Meaning("lower than the minimum", OrderRejected),
    _Meaning("invalid amounts", OrderRejected, "market orders carry fewer decimals than limit orders"),
    _Meaning(
        "order_version_mismatch",
        OrderRejected,
        "the venue takes another version of orders than this one, and the client could not sign that",
    ),
    _Meaning("order crosses book", OrderRejected),
    _Meaning("trading is currently disabled", TradingRestricted, "wait until trading is enabled again"),
    _Meaning("trading is currently cancel-only", TradingRestricted, "only cancels work for now"),
    _Meaning("post-only mode", TradingRestricted, "for about two minutes only post-only orders are taken"),
    _Meaning("closed only mode", TradingRestricted, "this account may only close positions"),
    _Meaning("address banned", TradingRestricted),
    _Meaning("not yet ready to process new orders", TradingRestricted),
    _Meaning("restricted in your region", TradingRestricted, "the venue takes no orders from this region"),
    _Meaning("geoblock", TradingRestricted, "the venue takes no orders from this region"),
)

# What the venue says in place of looking at an order, whatever the status.
_RESTRICTIONS: Final = (
    "trading is currently disabled",
    "trading is currently cancel-only",
    "post-only mode: only post-only orders",
)

# What the venue says of orders it may have, or may yet have: held back, or failed on its own side half way.
_UNDECIDED: Final = (
    "match delayed",
    "delaying the order",
    "could not insert",
    "could not run the execution",
    "timed out",
    "context canceled",
)


def refusal(text: str, *, status: int, code: str | int | None = None, about: str = "order") -> OrderRejected:
    """Return the error for the venue's words about an order, with advice."""
    lowered = text.lower()
    found = next((each for each in _MEANINGS if each.words in lowered), None)
    kind = OrderRejected if found is None else found.kind
    if found is None and status in (403, 425):
        kind = TradingRestricted
    advice = f" ({found.advice})" if found is not None and found.advice else ""
    return kind(f"{about} was refused: {text or 'no reason given'}{advice}", status=status, code=code)


def is_restriction(error: ApiError) -> bool:
    """Tell whether an error is an announcement that orders are not looked at for now."""
    text = error.message.lower()
    return error.status == 503 and (
        error.code == "post_only_mode" or any(words in text for words in _RESTRICTIONS)
    )


def is_version_mismatch(text: str) -> bool:
    """Tell whether the venue wants another version of orders."""
    return "order_version_mismatch" in text


def is_duplicate(text: str) -> bool:
    """Tell whether the venue has the order already: an earlier copy of it did arrive."""
    return "duplicated" in text.lower()


def is_undecided(text: str) -> bool:
    """Tell whether the venue's words leave open what became of the order."""
    lowered = text.lower()
    return is_duplicate(text) or any(words in lowered for words in _UNDECIDED)


def is_stale_market(text: str) -> bool:
    """Tell whether a refusal says that the market is not what it was when it was read."""
    lowered = text.lower()
    return any(
        words in lowered for words in ("tick size", "lower than the minimum", "invalid signature", "fee rate")
    )
