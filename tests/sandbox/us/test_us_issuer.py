"""The token endpoint: what it grants, and everything it must refuse."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from us_door import Door, claims, form

from polyspec.sandbox import Sandbox
from polyspec.sandbox.us.issuer import new_key, private_pem


def ask(door: Door, assertion: str, **changes: Any) -> httpx.Response:
    """Ask for a token."""
    return door.raw("POST", "/oauth/token", json=form(door.sandbox, door.client, assertion, **changes))


def error(answer: httpx.Response) -> tuple[int, str]:
    """Return status and OAuth error."""
    return answer.status_code, answer.json()["error"]


def test_good_assertion_is_granted_a_short_lived_token(door: Door) -> None:
    """The answer has the documented members and the token the claims the gateway reads."""
    answer = ask(door, door.assertion()).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 180
    told = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert told["aud"] == door.sandbox.us.audience
    assert told["exp"] - told["iat"] == 180
    assert told["firm_id"] == "ISV-Sandbox"
    assert "write:orders" in told["scope"].split()


@pytest.mark.parametrize("url", ["http://localhost/oauth/token", "https://127.0.0.1/oauth/token"])
def test_own_spellings_of_the_token_url_are_taken(door: Door, url: str) -> None:
    """The same endpoint under another of its names is the same endpoint."""
    assert ask(door, door.assertion(aud=url)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://127.0.0.1"},
        {"aud": "https://pmx-prod.us.auth0.com/oauth/token"},
        {"aud": ["http://127.0.0.1/oauth/token", "http://elsewhere/oauth/token"]},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"iss": None},
        {"sub": None},
        {"aud": None},
        {"iat": None},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"exp": "soon"},
    ],
)
def test_wrong_claims_are_refused(door: Door, changes: dict[str, Any]) -> None:
    """Each claim is demanded and checked."""
    key = private_pem(door.client.key)
    assertion = jwt.api_jws.encode(
        jwt.api_jwt.json.dumps(claims(door.sandbox, door.client, **changes)).encode(), key, algorithm="RS256"
    )
    assert error(ask(door, assertion)) == (400, "invalid_client_assertion")


@pytest.mark.parametrize(("early", "late"), [(0, 301), (-400, -100), (-331, -31), (31, 100)])
def test_times_outside_the_rules_are_refused(door: Door, early: int, late: int) -> None:
    """An assertion lives 300 seconds at most and 30 seconds of skew are forgiven, no more."""
    clock = door.world.clock
    # between the signature and the answer a busy machine may let a second pass
    clock.freeze()
    try:
        now = int(clock.seconds())
        assert error(ask(door, door.assertion(iat=now + early, exp=now + late))) == (
            400,
            "invalid_client_assertion",
        )
    finally:
        clock.thaw()


@pytest.mark.parametrize(("early", "late"), [(0, 300), (25, 300), (-290, -10)])
def test_times_within_the_skew_are_taken(door: Door, early: int, late: int) -> None:
    """A clock that is off by less than 30 seconds still works."""
    now = int(door.world.clock.seconds())
    assert ask(door, door.assertion(iat=now + early, exp=now + late)).status_code == 200


def test_jti_works_once(door: Door) -> None:
    """A replayed assertion is refused as long as it would be valid."""
    assertion = door.assertion()
    assert ask(door, assertion).status_code == 200
    assert error(ask(door, assertion)) == (400, "invalid_client_assertion")
    assert "jti" in ask(door, assertion).json()["error_description"]


def test_foreign_key_is_refused(door: Door) -> None:
    """A signature of another key is a failed client authentication."""
    stranger = jwt.encode(claims(door.sandbox, door.client), private_pem(new_key()), algorithm="RS256")
    assert error(ask(door, stranger)) == (401, "invalid_client")


def test_unknown_client_is_refused(door: Door) -> None:
    """An id nobody registered is a failed client authentication."""
    assert error(ask(door, door.assertion(), client_id="nobody")) == (401, "invalid_client")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_other_algorithms_are_refused(door: Door, algorithm: str) -> None:
    """RS256 and nothing else, even with the right key."""
    made = jwt.encode(claims(door.sandbox, door.client), private_pem(door.client.key), algorithm=algorithm)
    assert error(ask(door, made)) == (400, "invalid_client_assertion")


def test_unsigned_and_symmetric_assertions_are_refused(door: Door) -> None:
    """Neither ``none`` nor the public key as an HMAC secret gets in."""
    told = claims(door.sandbox, door.client)
    for made in (jwt.encode(told, "", algorithm="none"), jwt.encode(told, "x" * 40, algorithm="HS256")):
        assert error(ask(door, made)) == (400, "invalid_client_assertion")


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"jku": "https://x"}, {"x5u": "https://x"}, {"jwk": {}}]
)
def test_headers_that_name_keys_are_refused(door: Door, header: dict[str, Any]) -> None:
    """A key or an extension brought along in the header is never looked at."""
    key: rsa.RSAPrivateKey = door.client.key
    made = jwt.encode(claims(door.sandbox, door.client), private_pem(key), algorithm="RS256", headers=header)
    assert error(ask(door, made)) == (400, "invalid_client_assertion")


def test_a_kid_header_is_ignored(door: Door) -> None:
    """A key id does no harm."""
    made = jwt.encode(
        claims(door.sandbox, door.client),
        private_pem(door.client.key),
        algorithm="RS256",
        headers={"kid": "1"},
    )
    assert ask(door, made).status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"client_assertion_type": "jwt"}, (400, "invalid_request")),
        ({"audience": "https://api.prod.polymarketexchange.com"}, (403, "access_denied")),
        ({"audience": None}, (400, "invalid_request")),
        ({"client_assertion": "no.jwt"}, (400, "invalid_client_assertion")),
        ({"client_assertion": 7}, (400, "invalid_request")),
    ],
)
def test_bad_requests_answer_in_the_oauth_shape(
    door: Door, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Every refusal has error and error_description, never the API's own shape."""
    answer = ask(door, door.assertion(), **changes)
    assert error(answer) == expected
    assert answer.json()["error_description"]


def test_tokens_end_with_their_life(door: Door) -> None:
    """A token works until its 180 seconds are over, then answers 401 code 16."""
    headers = door.headers
    door.world.clock.advance(175)
    assert door.raw("GET", "/v1/whoami", headers=headers).status_code == 200
    door.world.clock.advance(10)
    answer = door.raw("GET", "/v1/whoami", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, 16)


def test_life_of_tokens_can_be_chosen() -> None:
    """A test can ask for tokens that expire soon."""
    with Sandbox(quiet=True, port=False, token_life=2) as sandbox:
        door = Door(sandbox)
        answer = ask(door, door.assertion()).json()
        assert answer["expires_in"] == 2
        door.close()


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic abc", "Bearer  "])
def test_no_or_bad_bearer_is_401(door: Door, header: str | None) -> None:
    """Anything but a token of ours is unauthenticated."""
    headers = {} if header is None else {"authorization": header}
    answer = door.raw("GET", "/v1/whoami", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, 16)


def test_a_token_signed_by_somebody_else_is_401(door: Door) -> None:
    """The right claims under a foreign signature open nothing."""
    told = jwt.decode(door.new_token(), options={"verify_signature": False})
    forged = jwt.encode(told, private_pem(new_key()), algorithm="RS256")
    assert door.raw("GET", "/v1/whoami", headers={"authorization": f"Bearer {forged}"}).status_code == 401


def test_revoked_tokens_stop_working(door: Door) -> None:
    """After a revocation old tokens are refused and new ones work."""
    old = door.headers
    door.control("DELETE", "tokens")
    assert door.raw("GET", "/v1/whoami", headers=old).status_code == 401
    token = door.new_token()
    assert door.raw("GET", "/v1/whoami", headers={"authorization": f"Bearer {token}"}).status_code == 200
