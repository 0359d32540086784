"""KYC webhooks: registration with a test delivery, signed deliveries, retries with backoff.

The venue wants https and refuses private addresses. A sandbox must never post to anybody else's machine, so
here the rule is turned around: only loopback targets, plain http allowed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import re
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.store import Store
from polyspec.sandbox.us.refusals import invalid

__all__ = ["Webhooks", "stamp"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_UNFIT: Final = re.compile(r"[^!-~]")
_SHORTEST_KEY: Final = 24
_ATTEMPTS: Final = 8
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 30.0
_TIMEOUT: Final = 5.0


class Target(msgspec.Struct):
    """Where a firm's events go; without a secret they go unsigned."""

    firm: str
    url: str
    secret: str = ""


class Event(msgspec.Struct):
    """An event on its way: kept until it was taken or given up."""

    event_id: str
    firm: str
    body: str
    done: bool = False
    attempts: int = 0


class Webhooks:
    """Targets and undelivered events of all firms."""

    def __init__(self, clock: Clock, jobs: Jobs, store: Store, seeded: Seeded) -> None:
        self._clock = clock
        self._jobs = jobs
        self._store = store
        self._seeded = seeded
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="webhook")
        self._targets = store.load("webhook_target", Target)
        for event in store.load("webhook_event", Event).values():
            if not event.done:
                self._jobs.later(0, self._sender(event))

    def check(self, url: str, secret: str) -> None:
        """Refuse a registration that could not work; raises Refusal."""
        try:
            parts = urlsplit(url)
            host = parts.hostname if parts.scheme in ("https", "http") and parts.port != 0 else None
        except ValueError:
            # brackets that do not match, or a port that is none
            host = None
        if not host or _UNFIT.search(url):
            raise invalid("webhook_url must be an HTTPS URL")
        if host not in _LOOPBACK:
            raise invalid("webhook_url must be a loopback address: the sandbox delivers to this machine only")
        if secret:
            _key(secret)

    def probe(self, url: str, secret: str) -> str:
        """Send the test event; return why it failed, or an empty string. Blocks for up to 5 seconds."""
        body = _encode(
            "webhook.test", self._event_id(), self._clock.now(), {"message": "Webhook test notification"}
        )
        return self._post(url, secret, msgspec.json.decode(body)["event_id"], body)

    def register(self, firm: str, url: str, secret: str) -> None:
        """Make `url` the one target of the firm; the last writer wins."""
        self._targets[firm] = Target(firm, url, secret)
        self._store.put("webhook_target", firm, self._targets[firm])

    def emit(self, firm: str, event_type: str, data: dict[str, Any]) -> None:
        """Deliver an event to the firm's target, if it has one; empty fields are left out."""
        if firm not in self._targets:
            return
        event_id = self._event_id()
        filled = {name: value for name, value in data.items() if value}
        body = _encode(event_type, event_id, self._clock.now(), filled)
        event = Event(event_id, firm, body.decode())
        self._store.put("webhook_event", event_id, event)
        self._jobs.later(0, self._sender(event))

    def close(self) -> None:
        """Stop delivering; what is undelivered stays in the journal."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _event_id(self) -> str:
        return "01" + self._seeded.letters(24)

    def _sender(self, event: Event) -> Callable[[], None]:
        def send() -> None:
            target = self._targets.get(event.firm)
            if target is None:
                return
            self._pool.submit(self._attempt, event, target)

        return send

    def _attempt(self, event: Event, target: Target) -> None:
        failure = self._post(target.url, target.secret, event.event_id, event.body.encode())
        self._jobs.post(lambda: self._settle(event, failure))

    def _settle(self, event: Event, failure: str) -> None:
        event.attempts += 1
        event.done = not failure or event.attempts >= _ATTEMPTS
        self._store.put("webhook_event", event.event_id, event)
        if not event.done:
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (event.attempts - 1))
            self._jobs.later(wait * (0.5 + self._seeded.below(1000) / 2000), self._sender(event))

    def _post(self, url: str, secret: str, event_id: str, body: bytes) -> str:
        """POST once, following nothing; return why it failed, or an empty string."""
        headers = {
            "Content-Type": "application/json",
            **_signature(secret, event_id, self._clock.seconds(), body),
        }
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        options: dict[str, Any] = {"context": _unchecked()} if parts.scheme == "https" else {}
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT, **options)
        try:
            connection.request(
                "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"webhook test POST failed: {error}"
        finally:
            connection.close()
        return "" if 200 <= status < 300 else f"webhook test POST returned status {status}"


def _unchecked() -> ssl.SSLContext:
    # a loopback receiver has a self-made certificate, and nobody sits between it and us
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise invalid("signing_secret must be whsec_ followed by standard base64") from error
    if not secret.startswith("whsec_") or len(key) < _SHORTEST_KEY:
        raise invalid(f"signing_secret must be whsec_<base64> of at least {_SHORTEST_KEY} bytes")
    return key


def _signature(secret: str, event_id: str, now: float, body: bytes) -> dict[str, str]:
    if not secret:
        return {}
    moment = str(int(now))
    signed = hmac.new(_key(secret), f"{event_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _encode(event_type: str, event_id: str, moment: datetime, data: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {"event_type": event_type, "event_id": event_id, "event_time": stamp(moment), "data": data}
    )


def stamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 UTC text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
