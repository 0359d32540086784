"""What the sandbox can be told, what it tells of itself, and what spoils its answers in any venue's way."""

from __future__ import annotations

from typing import Any

import pytest
from fakefeed import RAIN
from sim_door import Door

from polyspec.errors import ConfigError
from polyspec.sandbox.polysimulator.options import TIERS, PolySimOptions

READ = "/v1/account/balance"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"error_form": "prose"}, "error_form"),
        ({"free_tier": "none"}, "free_tier"),
        ({"revocation": "gone"}, "revocation"),
        ({"updown_lists": "xml"}, "updown_lists"),
        ({"tiers": {"pro": TIERS["pro"]}}, "tiers lacks enterprise, free, pro_plus"),
        ({"baselines": {}}, "baselines lacks"),
        ({"resting_pause": 0}, "positive"),
        ({"ws_token_life": -1}, "positive"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Any, words: str) -> None:
    """A mistake is found before anything starts, and named."""
    with pytest.raises(ConfigError, match=words):
        PolySimOptions(**options)


def test_options_leave_to_the_sandbox_what_is_not_said() -> None:
    """The sandbox's seed and limits hold unless the options have their own."""
    left = PolySimOptions().filled(seed=7, rate_limits=False)
    own = PolySimOptions(seed=1, rate_limits=True).filled(seed=7, rate_limits=False)
    assert (left.seed, left.rate_limits, own.seed, own.rate_limits) == (7, False, 1, True)


def test_a_venue_describes_how_to_log_in(reader: Door) -> None:
    """Everything that is described works, and the fresh user has no key yet."""
    told = reader.venue.describe()
    assert (told["rest"], told["ws"]) == ("http://sim.test", "ws://sim.test/v1/ws")
    assert RAIN in told["condition_ids"]
    plans = {
        "api_key": "pro",
        "read_only_api_key": "pro",
        "free_api_key": "free",
        "pro_plus_api_key": "pro_plus",
    }
    for name, plan in plans.items():
        me = reader.raw("GET", "/v1/me", headers={"X-API-Key": told[name]})
        assert me.json()["tier"] == plan
    session = {"Authorization": f"Bearer {told['supabase_jwt']}"}
    assert reader.raw("GET", "/v1/keys", headers=session).json() == []


def test_keys_follow_from_the_seed(open_door: Any) -> None:
    """The same seed makes the same keys, another one others."""
    first, same, other = open_door(seed=1), open_door(seed=1), open_door(seed=2)
    assert first.venue.api_key() == same.venue.api_key() != other.venue.api_key()
    made = [each.post("/v1/keys", {})["raw_key"] for each in (first, same, other)]
    assert made[0] == made[1] != made[2]


def test_older_orders_could_be_tiny(open_door: Any) -> None:
    """The smallest size that books tell follows the way orders behave."""
    old = open_door(pm_v2=False)
    assert old.get(f"/v1/markets/{RAIN}/book")["min_order_size"] == "0.0001"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "unauthorized"}, (401, "INVALID_KEY")),
        ({"kind": "rate_limit", "retry_after": 7}, (429, "RATE_LIMIT_EXCEEDED")),
        ({"kind": "status"}, (503, "HTTP_503")),
        ({"kind": "status", "status": 500}, (500, "INTERNAL_ERROR")),
        ({"kind": "status_after", "status": 502, "body": "{}"}, (502, "HTTP_502")),
    ],
)
def test_faults_of_any_venue_speak_as_this_one(door: Door, fault: dict[str, Any], code: Any) -> None:
    """What is put in the place of an answer has the venue's code and an id, once."""
    door.control("POST", "faults", fault)
    answer = door.send("GET", READ)
    assert door.code(answer) == code
    assert answer.headers["x-request-id"]
    assert answer.headers.get("retry-after") == (
        str(fault["retry_after"]) if "retry_after" in fault else None
    )
    assert answer.json() == {} if "body" in fault else answer.json()["error"] == code[1]
    assert door.send("GET", READ).status_code == 200


def test_a_proxy_s_page_is_nothing_of_the_venue(door: Door) -> None:
    """HTML comes without the venue's headers."""
    door.control("POST", "faults", {"kind": "html"})
    answer = door.send("GET", READ)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    assert not {"x-request-id", "x-polysim-code"} & set(answer.headers)


def test_a_body_without_end_is_refused(reader: Door) -> None:
    """More than a mebibyte is not read."""
    answer = reader.send("POST", "/v1/prices/batch", content=b" " * (1024 * 1024 + 1))
    assert reader.code(answer) == (413, "INVALID_BODY")


def test_strangers_are_turned_away(reader: Door) -> None:
    """Another host's name, or a page of another origin, gets nothing."""
    assert reader.send("GET", READ, headers={"Host": "evil.example"}).status_code == 464
    answer = reader.send("GET", READ, headers={"Origin": "https://evil.example"})
    assert reader.code(answer) == (403, "HTTP_403")
