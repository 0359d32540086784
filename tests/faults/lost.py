"""What can go wrong with an answer, as parameters of tests of any venue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.faults.hands import HANDS

__all__ = [
    "LOST",
    "PASSING",
    "RESTARTS",
    "TOURED",
    "each",
    "in_turn",
    "lost_in_turn",
    "orders_lost",
    "orders_lost_in_turn",
]

Case = tuple[dict[str, Any], bool]
"""A fault, and whether the request was executed nonetheless."""

# what leaves it open whether the request was executed
LOST: dict[str, Case] = {
    "reset-before": ({"kind": "reset_before"}, False),
    "reset-after": ({"kind": "reset_after"}, True),
    "close-before": ({"kind": "close_before"}, False),
    "close-after": ({"kind": "close_after"}, True),
    "close-mid-body": ({"kind": "close_mid_body"}, True),
    "truncated": ({"kind": "truncate"}, True),
    "hang-before": ({"kind": "hang_before"}, False),
    "hang-after": ({"kind": "hang_after"}, True),
    "drip": ({"kind": "drip", "seconds": 0.6}, True),
    "500-before": ({"kind": "status_before", "status": 500}, False),
    "500-after": ({"kind": "status_after", "status": 500}, True),
    "503-before": ({"kind": "status_before", "status": 503, "message": "try later"}, False),
    "503-after": ({"kind": "status_after", "status": 503, "message": "try later"}, True),
    "html-502-before": ({"kind": "html_before"}, False),
    "html-502-after": ({"kind": "html_after"}, True),
    "html-429-before": ({"kind": "html_before", "status": 429}, False),
    "html-429-after": ({"kind": "html_after", "status": 429}, True),
    "nonsense-200-before": ({"kind": "html_before", "status": 200, "body": "<html>ok</html>"}, False),
    "nonsense-200-after": ({"kind": "html_after", "status": 200, "body": "[]"}, True),
}
# a restarting engine: an order may or may not have been taken along, all else was not
_RESTART = {"status": 425, "message": "the engine restarts"}
RESTARTS: dict[str, Case] = {
    "425-before": ({"kind": "status_before", **_RESTART}, False),
    "425-after": ({"kind": "status_after", **_RESTART}, True),
}
# what proves that nothing was executed, and passes
PASSING: dict[str, dict[str, Any]] = {
    "429": {"kind": "rate_limit"},
    "429-at-once": {"kind": "rate_limit", "retry_after": 0},
    "401": {"kind": "unauthorized"},
}

# one of each sort, for whoever only listens to what is said of them
TOURED: tuple[dict[str, Any], ...] = (
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "close_mid_body"},
    {"kind": "truncate"},
    {"kind": "hang_after", "seconds": 0.3},
    {"kind": "status", "status": 500},
    {"kind": "html", "status": 502},
    {"kind": "html_after", "status": 200, "body": "[]"},
    {"kind": "rate_limit", "retry_after": 30},
    {"kind": "unauthorized"},
)


def each(cases: Mapping[str, dict[str, Any]]) -> pytest.MarkDecorator:
    """Take each fault."""
    return pytest.mark.parametrize("fault", cases.values(), ids=cases.keys())


def in_turn(cases: Mapping[str, Case]) -> pytest.MarkDecorator:
    """Take each case with one of the colours, which differ below what requests differ in."""
    return pytest.mark.parametrize(
        ("hands", "fault", "executed"),
        [(HANDS[number % 2], *case) for number, case in enumerate(cases.values())],
        ids=[f"{('sync', 'async')[number % 2]}-{name}" for number, name in enumerate(cases)],
        indirect=["hands"],
    )


orders_lost = pytest.mark.parametrize(
    ("fault", "executed"), (LOST | RESTARTS).values(), ids=(LOST | RESTARTS).keys()
)
lost_in_turn = in_turn(LOST)
orders_lost_in_turn = in_turn(LOST | RESTARTS)
