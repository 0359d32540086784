"""What a sandbox starts with: markets of every tick, a neg-risk event, newer position ids, funded wallets.

The keys are the public development keys of the ``test test ... junk`` mnemonic: worth nothing anywhere.
Wallets are listed, not derived, so that a start needs no cryptography; a test derives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from polyspec.core.typed import convert
from polyspec.sandbox.clob.wallets import Wallets

__all__ = ["ACCOUNTS", "Account", "Listing", "seed_listings"]


@dataclass(frozen=True)
class Account:
    """A development key and what it can trade from."""

    private_key: str
    wallets: Wallets


ACCOUNTS: Final = (
    Account(
        "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        Wallets(
            eoa="0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            proxy="0x365f0CA36Ae1f641E02fE3B7743673da42A13A70",
            safe="0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47",
            deposits=(
                "0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50",
                "0xdf8b9E8f9AB23f261F6e1B171B7454ae6E46Ba76",
            ),
        ),
    ),
    Account(
        "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        Wallets(
            eoa="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            proxy="0xd9d24e482c11F586cd9A1a53dC3eEc6dE3883862",
            safe="0x8ac5D4Bd2752AFc9F5CA531f19D617647216B893",
            deposits=(
                "0x4Fe2CC4925607a473264FA89e7138075695A5F8e",
                "0x5F4f45aBd6e86C60B3Df2a4aF103f85256A2Ce6d",
            ),
        ),
    ),
    Account(
        "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        Wallets(
            eoa="0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
            proxy="0x83eb3291367E3c61c80225e32907159010597b3d",
            safe="0x955c807b9336876AA22D2413Ed40EBE296503a93",
            deposits=(
                "0x75E17433e195EcbD64B080387a840E8CEcC37657",
                "0xb7fA469F89d26e71235dC0137d363BBC4855832F",
            ),
        ),
    ),
)


class Listing(msgspec.Struct, kw_only=True, frozen=True):
    """What the venue tells of a market beyond what the engine needs."""

    condition_id: str
    token_ids: tuple[str, str]
    outcomes: tuple[str, str] = ("Yes", "No")
    question: str
    slug: str
    event_slug: str
    event_title: str
    group_item: str = ""
    category: str
    tick: int
    """Millionths."""
    mid: int
    """Where the market maker begins, in millionths of the first outcome."""
    fee_rate: int
    """Millionths."""
    neg_risk: bool = False
    neg_risk_market_id: str = ""
    number: int
    """The id other services of the venue know it by."""
    reward_rate: int = 0
    """Collateral a day for makers."""
    reward_min_size: int = 0
    """Shares."""
    reward_max_spread: str = "0"
    """Cents from the middle."""
    hold: float = 0.0
    """Seconds a marketable order is held."""
    answers_late: bool = True
    """Whether the answer comes after the hold, or at once with `delayed`."""
    still: bool = False
    """Whether the market maker leaves it where it began, so that examples come out as written."""


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(f"polyspec/clob/{name}".encode(), digest_size=32).digest(), "big")


def _condition(slug: str) -> str:
    return f"0x{_digest(f'condition/{slug}'):064x}"


def _tokens(slug: str) -> tuple[str, str]:
    return str(_digest(f"token/{slug}/0")), str(_digest(f"token/{slug}/1"))


def _positions(slug: str) -> tuple[str, str]:
    """Return ids of the newer form: module 1 on top, an identifier, sixty-four zeros, the outcome."""
    middle = _digest(f"position/{slug}") >> 112
    first = (1 << 248) | (middle << 104)
    return str(first), str(first + 1)


def _binary(
    slug: str, question: str, category: str, tick: int, mid: int, fee_rate: int, **more: object
) -> dict[str, object]:
    return {
        "condition_id": _condition(slug),
        "token_ids": _tokens(slug),
        "question": question,
        "slug": slug,
        "event_slug": slug,
        "event_title": question,
        "category": category,
        "tick": tick,
        "mid": mid,
        "fee_rate": fee_rate,
        **more,
    }


def _cup(team: str, mid: int) -> dict[str, object]:
    slug = f"will-{team.lower()}-win-the-cup"
    return _binary(
        slug,
        f"Will {team} win the cup?",
        "sports",
        10_000,
        mid,
        50_000,
        event_slug="who-wins-the-cup",
        event_title="Who wins the cup?",
        group_item=team,
        neg_risk=True,
        neg_risk_market_id=_condition("who-wins-the-cup"),
    )


_SPECS: Final = (
    _binary(
        "will-it-rain-in-london-tomorrow",
        "Will it rain in London tomorrow?",
        "weather",
        10_000,
        520_000,
        50_000,
        reward_rate=25_000_000,
        reward_min_size=20_000_000,
        reward_max_spread="3.5",
    ),
    _binary(
        "bitcoin-above-150k-this-year", "Bitcoin above 150k this year?", "crypto", 1_000, 237_000, 70_000
    ),
    _binary(
        "will-the-treaty-be-signed-this-year",
        "Will the treaty be signed this year?",
        "geopolitics",
        100_000,
        400_000,
        0,
    ),
    _binary(
        "will-inflation-fall-below-2", "Will inflation fall below 2%?", "economics", 5_000, 310_000, 50_000
    ),
    _binary(
        "will-the-film-win-best-picture", "Will the film win best picture?", "culture", 2_500, 700_000, 50_000
    ),
    _binary(
        "will-the-bill-pass-the-senate", "Will the bill pass the senate?", "politics", 100, 951_000, 40_000
    ),
    _cup("Albion", 450_000),
    _cup("Rovers", 330_000),
    _cup("United", 220_000),
    _binary(
        "will-the-rocket-launch-this-month",
        "Will the rocket launch this month?",
        "tech",
        10_000,
        610_000,
        40_000,
        token_ids=_positions("will-the-rocket-launch-this-month"),
    ),
    _binary(
        "will-the-mayor-be-reelected",
        "Will the mayor be re-elected?",
        "politics",
        10_000,
        640_000,
        40_000,
        still=True,
    ),
)


def seed_listings() -> list[Listing]:
    """Return the markets a sandbox starts with."""
    return [convert({**each, "number": 100_001 + place}, Listing) for place, each in enumerate(_SPECS)]
