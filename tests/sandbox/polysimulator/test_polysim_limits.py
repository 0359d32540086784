"""Limits: fixed windows of second and minute, per key, per user and per address, told in two families."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from sim_door import Door

from polyspec.sandbox.polysimulator.options import TIERS

PLAIN = "x-ratelimit-"
OWN = "x-polysim-ratelimit-"


def statuses(door: Door, count: int, path: str = "/v1/account/balance", **options: Any) -> Counter[int]:
    """Return how often each status answered some requests."""
    return Counter(door.send("GET", path, **options).status_code for _ in range(count))


def limited(open_door: Any, **options: Any) -> Door:
    """Open a sandbox with limits whose clock stands still a little into a minute."""
    door: Door = open_door(rate_limits=True, **options)
    clock = door.world.clock
    clock.freeze()
    # at the start of an hour: windows of any length begin with it
    clock.advance(3600.01 - clock.seconds() % 3600)
    return door


def test_a_key_has_its_tier_s_requests_of_a_second(open_door: Any) -> None:
    """What is beyond a second's requests is 429 and says when to come again; the next second is free."""
    door = limited(open_door)
    assert statuses(door, 31) == {200: 30, 429: 1}
    refused = door.send("GET", "/v1/account/balance")
    assert door.code(refused) == (429, "RATE_LIMIT_EXCEEDED")
    assert refused.headers["retry-after"] == "1"
    door.world.clock.advance(1)
    assert statuses(door, 30) == {200: 30}


def test_windows_are_fixed(open_door: Any) -> None:
    """Around the end of a window twice its requests pass."""
    door = limited(open_door)
    door.world.clock.advance(0.98)
    assert statuses(door, 30) == {200: 30}
    door.world.clock.advance(0.02)
    assert statuses(door, 30) == {200: 30}


def test_a_key_has_its_tier_s_requests_of_a_minute(open_door: Any) -> None:
    """When the minute is used up, the wait runs to its end."""
    door = limited(open_door, tiers={**TIERS, "pro": replace(TIERS["pro"], per_minute=3)})
    for _ in range(3):
        assert statuses(door, 1) == {200: 1}
        door.world.clock.advance(1)
    refused = door.send("GET", "/v1/account/balance")
    assert door.code(refused) == (429, "RATE_LIMIT_EXCEEDED")
    assert refused.headers["retry-after"] == "57"
    door.world.clock.advance(57)
    assert statuses(door, 1) == {200: 1}


def test_every_authenticated_answer_tells_the_limits_twice(open_door: Any) -> None:
    """Both families say tier, size and rest of both windows, and when the minute ends; refusals too."""
    door = limited(open_door)
    start = int(door.world.clock.seconds())
    for number, path in enumerate(("/v1/account/balance", "/v1/markets/0x00", "/v1/markets?limit=0"), 1):
        headers = door.send("GET", path).headers
        for family in (PLAIN, OWN):
            told = {
                name.removeprefix(family): value for name, value in headers.items() if name.startswith(family)
            }
            assert told == {
                "tier": "pro",
                "limit": "1800",
                "remaining": str(1800 - number),
                "reset": str(start + 60),
                "limit-per-second": "30",
                "remaining-per-second": str(30 - number),
            }


def test_public_answers_tell_three_of_them(open_door: Any) -> None:
    """Without a key there is no tier and no second's window in the headers."""
    door = limited(open_door)
    headers = door.raw("GET", "/v1/time").headers
    for family in (PLAIN, OWN):
        told = {name.removeprefix(family) for name in headers if name.startswith(family)}
        assert told == {"limit", "remaining", "reset"}
    assert headers["x-ratelimit-limit"] == "600"


def test_nobody_in_particular_is_limited_by_address(open_door: Any) -> None:
    """Public reads share ten requests a second, whatever key came along; keys have their own."""
    door = limited(open_door)
    assert statuses(door, 12, "/v1/time") == {200: 10, 429: 2}
    assert statuses(door, 1) == {200: 1}


def test_keys_of_one_user_are_counted_apart(open_door: Any) -> None:
    """A window belongs to a key."""
    door = limited(open_door)
    assert statuses(door, 31) == {200: 30, 429: 1}
    assert statuses(door, 30, key="read_only_api_key") == {200: 30}


def test_a_first_key_can_be_tried_for_once_a_minute_and_five_times_an_hour(open_door: Any) -> None:
    """Attempts are counted by address, the failed ones too."""
    door = limited(open_door)
    told = []
    for _ in range(6):
        told.append(door.raw("POST", "/v1/keys/bootstrap").status_code)
        assert door.code(door.raw("POST", "/v1/keys/bootstrap")) == (429, "RATE_LIMIT_EXCEEDED")
        door.world.clock.advance(60)
    assert told == [401, 401, 401, 401, 401, 429]


def test_tiers_can_be_other_ones(open_door: Any) -> None:
    """The table is an option, and what is told is what is kept."""
    door = limited(open_door, tiers={**TIERS, "pro": replace(TIERS["pro"], per_second=10, per_minute=600)})
    assert statuses(door, 11) == {200: 10, 429: 1}
    table = {each["tier"]: each for each in door.raw("GET", "/v1/keys/tiers").json()}
    assert table["pro"]["requests_per_second"] == 10
    assert list(table) == ["free", "pro", "pro_plus", "enterprise"]


def test_without_limits_nothing_is_refused(open_door: Any) -> None:
    """Turned off, the headers are still there."""
    door = open_door()
    door.world.clock.freeze()
    assert statuses(door, 40) == {200: 40}
    assert door.send("GET", "/v1/me").headers["x-ratelimit-limit"] == "1800"
