"""Say why the token endpoint refused: which of key, clock, audience and client id is the likely cause."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from polyspec.core.effects import Reply
from polyspec.core.nesting import read_plain
from polyspec.errors import AuthError
from polyspec.us.auth import PrivateKeyJwt

__all__ = ["CLOCK_TOLERANCE", "explain"]

CLOCK_TOLERANCE: Final = 30.0
"""Seconds from which on a wrong clock is the likely reason for a refused assertion."""

# An endpoint may echo what it was sent.
_CREDENTIAL: Final = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)*|[\w+/=-]{40,}")
_LONGEST_TEXT: Final = 200

# By the words of the venue, the narrower ones first; {names} are filled in from the credentials.
_CAUSES: Final[tuple[tuple[str, str, str], ...]] = (
    (r"\bjti\b", "repeated", "an assertion arrived twice; something between here and there repeats requests"),
    (
        r"expired|\bexp\b|\biat\b|\bnbf\b|in the (past|future)",
        "clock",
        "the clock of this machine; compare it with a time server",
    ),
    (
        r"invalid_client_assertion.*(\baud\b|audience)",
        "token_url",
        "the token URL {token_url}; it must be spelled exactly as the endpoint knows itself",
    ),
    (
        r"access_denied|unauthorized_client|invalid_target|service not found|audience",
        "audience",
        "the audience {audience}; it must be the API base URL of the environment of client id {client_id}",
    ),
    (
        r"unknown client|client_id|client not found",
        "client_id",
        "the client id {client_id}; it is not known to {token_url}",
    ),
    (
        r"signature|\bkey\b",
        "key",
        "the key; {fingerprint} is not the one registered for client id {client_id}",
    ),
    (
        r"invalid_client\b|unauthorized",
        "client_id_or_key",
        "the client id or the key; is {client_id} of {token_url}, and {fingerprint} its registered key?",
    ),
)
_UNKNOWN_CAUSE: Final = "one of key ({fingerprint}), clock, audience ({audience}) and client id ({client_id})"


def explain(reply: Reply, credentials: PrivateKeyJwt, offset: float | None, applied: float) -> AuthError:
    """Build the error for a refusal; `offset` is the server's clock minus ours, `applied` what we added."""
    code, description = _words(reply)
    said = ": ".join(part for part in (code, description) if part) or "in no form that OAuth knows"
    word, cause = _cause(code, description, credentials, offset, applied)
    if word is None and not reply.body.lstrip().startswith((b"{", b"[")):
        # a page: of somebody on the way, or of another service
        word = "stranger"
        cause = f"the token URL {credentials.token_url}, or something on the way that answers in its place"
    error = AuthError(f"the token endpoint refused with {reply.status} ({said}); likely cause: {cause}")
    error.cause = word
    return error


def _words(reply: Reply) -> tuple[str, str]:
    try:
        body = read_plain(reply.body)
    except msgspec.DecodeError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    return _clean(body.get("error")), _clean(body.get("error_description"))


def _clean(value: object) -> str:
    if not isinstance(value, str):
        return ""
    shown = "".join(letter if letter.isprintable() else " " for letter in value[:_LONGEST_TEXT])
    return _CREDENTIAL.sub("<hidden>", shown).strip()


def _cause(
    code: str, description: str, credentials: PrivateKeyJwt, offset: float | None, applied: float
) -> tuple[str | None, str]:
    if offset is not None and abs(offset - applied) > CLOCK_TOLERANCE:
        return "clock", f"the clock; this machine is {_off(offset)} the server: set it, best by NTP"
    words = f"{code} {description}"
    matching = (told for pattern, *told in _CAUSES if re.search(pattern, words, re.IGNORECASE))
    word, text = next(matching, (None, _UNKNOWN_CAUSE))
    cause = text.format(
        token_url=credentials.token_url,
        audience=credentials.audience,
        client_id=credentials.client_id,
        fingerprint=credentials.fingerprint,
    )
    if offset is not None and abs(offset) > CLOCK_TOLERANCE:
        return word, f"{cause} (the clock of this machine is {_off(offset)} the server; that was allowed for)"
    return word, cause


def _off(offset: float) -> str:
    return f"{abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'}"
