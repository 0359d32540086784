"""How the venue says no: forms of bodies, codes in headers, ids of requests, and the shape of requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from fakefeed import RAIN
from sim_door import Door

NOWHERE = "/v1/markets/0x00"


def test_a_refusal_has_code_and_message(reader: Door) -> None:
    """By default the body has two fields, and the header the code."""
    answer = reader.send("GET", NOWHERE)
    assert answer.status_code == 404
    assert answer.json() == {"error": "MARKET_NOT_FOUND", "message": "market not found"}
    assert answer.headers["x-polysim-code"] == "MARKET_NOT_FOUND"


def test_a_refusal_may_have_a_sentence_alone(open_door: Any) -> None:
    """In the other form there is no code but in the header."""
    door = open_door(error_form="one-field")
    answer = door.send("GET", NOWHERE)
    assert answer.json() == {"error": "market not found"}
    assert answer.headers["x-polysim-code"] == "MARKET_NOT_FOUND"
    for method, path, words in (("GET", "/v1/nowhere", "Not Found"), ("PUT", NOWHERE, "Method Not Allowed")):
        assert door.send(method, path).json() == {"error": words}


@pytest.mark.parametrize("form", ["two-field", "one-field"])
def test_a_verbose_refusal_has_everything(open_door: Any, form: str) -> None:
    """When asked for, code, sentence, details and the request's id are there in either form."""
    door = open_door(error_form=form)
    headers = {"X-Polysim-Verbose": "true", "X-Request-Id": "mine-1"}
    body = door.send("GET", "/v1/markets?limit=0", headers=headers).json()
    assert body["error"] == "VALIDATION_FAILED"
    assert body["details"] == {"field": "limit"}
    assert body["request_id"] == "mine-1"
    assert "limit" in body["message"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/price?token_id=1&side=HOLD", 400, "Invalid side"),
        ("/v1/fee-rate?token_id=abc", 400, "Invalid token id"),
        ("/v1/fee-rate?token_id=1", 404, "fee rate not found for market"),
        ("/v1/neg-risk/1", 404, "market not found"),
    ],
)
def test_some_reads_answer_in_prose_always(reader: Door, path: str, status: int, words: str) -> None:
    """The prose bodies of the CLOB's reads are as documented, with a code in the header."""
    answer = reader.raw("GET", path)
    assert (answer.status_code, answer.json()) == (status, {"error": words})
    assert answer.headers["x-polysim-code"]


@pytest.mark.parametrize("kind", ["server_busy", "rate_limit", "status", None])
def test_whoever_says_no_is_verbose(door: Door, kind: str | None) -> None:
    """A fault and the gateway tell as much as the venue, if they are asked to."""
    if kind is not None:
        door.world.faults.add(kind=kind)
    headers = {"X-Polysim-Verbose": "true", "X-Request-Id": "mine-2"}
    answer = door.send("POST", "/v1/orders", headers=headers, content=b"x" * (1024 * 1024 + 1))
    told = answer.json()
    assert (told["error"], told["details"], told["request_id"]) == (
        answer.headers["x-polysim-code"],
        {},
        "mine-2",
    )
    door.world.faults.clear()


def test_every_answer_has_a_request_id(reader: Door) -> None:
    """An id that came is echoed, else one is minted; refusals of every layer have one too."""
    assert reader.raw("GET", "/v1/time", headers={"X-Request-Id": "abc"}).headers["x-request-id"] == "abc"
    for method, path in (
        ("GET", "/v1/time"),
        ("GET", "/no/such/path"),
        ("PUT", "/v1/orders"),
        ("GET", "/v1/me"),
    ):
        assert UUID(reader.raw(method, path).headers["x-request-id"]).version == 4
    strange = reader.raw("GET", "/v1/time", headers={"X-Request-Id": "a b"})
    assert strange.headers["x-request-id"] != "a b"


def test_unknown_paths_and_methods_have_codes(reader: Door) -> None:
    """What no operation serves is refused in the venue's shape."""
    missing, wrong = reader.raw("GET", "/nope"), reader.raw("PUT", "/v1/orders")
    assert (missing.json()["error"], reader.code(missing)) == ("NOT_FOUND", (404, "NOT_FOUND"))
    assert reader.code(wrong) == (405, "HTTP_405")
    assert set(wrong.headers["allow"].split(", ")) >= {"DELETE", "GET", "POST"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/markets?limit=201",
        "/v1/markets?limit=0",
        "/v1/markets?limit=ten",
        "/v1/markets?offset=-1",
        "/v1/markets?hot_only=perhaps",
        "/v1/markets?q=" + "x" * 121,
        "/v1/account/equity?days=91",
        "/v1/account/history?side=HOLD",
        "/v1/account/positions?wallet_id=mine",
        "/v1/account/positions?status=OPENED",
        "/v1/account/settlements?limit=501",
        "/v1/account/settlements?from=yesterday",
        "/v1/account/profile-analysis?recent_trades=101",
        "/v1/keys?limit=0",
        "/v1/me/wallets/one",
        "/v1/me/wallets/9223372036854775808",
        "/v1/book",
        f"/v1/markets/{RAIN}/book?depth=501",
    ],
)
def test_what_is_not_of_the_documented_shape_is_422(reader: Door, path: str) -> None:
    """Bad parameters are refused before anything is done, with the code of a failed validation."""
    assert reader.code(reader.send("GET", path)) == (422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/v1/prices/batch", b"{"),
        ("/v1/prices/batch", b""),
        ("/v1/prices/batch", b'{"market_ids": "0x1"}'),
        ("/v1/prices/batch", b"\xff"),
        ("/v1/keys", b'{"name": 1}'),
        ("/v1/keys", b'{"permissions": ["fly"]}'),
        ("/v1/me/wallets", b'{"kind": "API"}'),
        ("/v1/books", b"[]"),
        ("/v1/books", b'[{"token": "1"}]'),
    ],
)
def test_bodies_that_are_not_of_the_documented_shape_are_422(reader: Door, path: str, raw: bytes) -> None:
    """Bad bodies are refused with the code of a failed validation."""
    assert reader.code(reader.send("POST", path, content=raw)) == (422, "VALIDATION_FAILED")


def test_the_largest_number_is_a_number(reader: Door) -> None:
    """What fits 64 bits is looked for, and not found."""
    answer = reader.send("GET", "/v1/me/wallets/9223372036854775807")
    assert reader.code(answer) == (404, "WALLET_NOT_FOUND")


def test_an_old_venue_ignored_a_strange_status(open_door: Any) -> None:
    """With the option off, a status of positions nobody knows is as none."""
    door = open_door(strict_status=False)
    assert door.get("/v1/account/positions", status="OPENED") == []


def test_a_full_journal_is_an_internal_error(open_door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written did not happen, and is a 500 with its code."""
    door = open_door()

    def full(_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(door.world.journal, "append_records", full)
    answer = door.send("POST", "/v1/keys", json={})
    monkeypatch.undo()
    assert door.code(answer) == (500, "INTERNAL_ERROR")
    assert len(door.get("/v1/keys")) == 4
