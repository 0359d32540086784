"""Keys, secrets and signatures of requests show nowhere: in no text, pickle, log, or traceback."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
import pickle
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import polyspec
from polyspec.clob.client import ClobClient
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings, ClobSurroundings
from polyspec.clob.credentials import BuilderCreds
from polyspec.clob.keyring import Keyring
from polyspec.core.effects import Request, Send
from polyspec.core.sending import Patience
from polyspec.errors import PolyspecError
from polyspec.io.options import HttpOptions
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    CREDS,
    HOST,
    PASSPHRASE,
    SECRET,
    ClobWorld,
    Venue,
    async_client_of,
    client_of,
    no,
    ok,
    page,
    posting,
)
from tests.unit.flows import Running

OURS = str(Path(polyspec.__file__).parent)
DIGITS = KEYS[0][2:]
PROXY_PASSWORD = "hunter2-of-the-proxy"
BUILDER = BuilderCreds("builder", SECRET, PASSPHRASE)
DERIVE, CREATE, LIST = "auth/derive-api-key", "auth/api-key", "auth/api-keys"
BOX = {"rest": "http://elsewhere.example", "chain_id": 137, "private_keys": [KEYS[0]]}
TOLD = {"apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE}


class Report:
    """Everything a curious crash reporter writes down."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.secrets = [DIGITS, str(int(DIGITS, 16)), repr(bytes.fromhex(DIGITS)), SECRET, PASSPHRASE]
        self.secrets += [SECRET.rstrip("="), PROXY_PASSWORD]

    def hear(self, call: Callable[[], Any]) -> None:
        """Call, and write down how it ends."""
        try:
            self.show(call())
        except Exception as error:
            self.error(error)

    def show(self, value: Any) -> None:
        """Write down a value in every way it can be turned into text."""
        self.text.write(f"{value!r} {value} {[value]!r}")
        for dump in (
            lambda: vars(value),
            lambda: attrs.asdict(value),
            lambda: pickle.dumps(value),
            lambda: copy.deepcopy(value),
            lambda: json.dumps(value, default=vars),
        ):
            try:
                self.text.write(repr(dump()))
            except Exception as error:
                self.text.write(repr(error))

    def error(self, error: BaseException) -> None:
        """Write down an error with all it came from, and all that our frames held."""
        waiting: list[BaseException | None] = [error]
        seen: set[int] = set()
        while waiting:
            each = waiting.pop()
            if each is None or id(each) in seen:
                continue
            seen.add(id(each))
            waiting += [each.__cause__, each.__context__]
            self.text.write(f"{each} {each!r} {each.args!r} {vars(each)!r}")
            for frame, _ in traceback.walk_tb(each.__traceback__):
                if frame.f_code.co_filename.startswith(OURS):
                    for name, value in frame.f_locals.items():
                        self.text.write(f"{name}={_deep(value)}\n")
        if isinstance(error, PolyspecError):
            self.text.write(repr(vars(pickle.loads(pickle.dumps(error)))))

    def check(self) -> None:
        """Demand that none of it gives anything away."""
        text = self.text.getvalue()
        assert len(text) > 100
        for secret in self.secrets:
            where = text.find(secret)
            assert where < 0, text[max(0, where - 300) : where + 20]


def _deep(value: Any) -> str:
    if isinstance(value, list | tuple):
        return repr([_deep(each) for each in value[:20]])
    if isinstance(value, dict):
        return repr({name: _deep(each) for name, each in value.items()})
    return repr(value)


@pytest.fixture
def report() -> Report:
    """Return an empty report."""
    return Report()


def test_the_report_can_tell(report: Report) -> None:
    """The search finds what is shown: a key in the locals of an error, a secret in a pickle."""
    for leak in ({"key": KEYS[0]}, [SECRET], (PASSPHRASE,)):
        other = Report()
        other.show(leak)
        other.text.write("x" * 100)
        with pytest.raises(AssertionError):
            other.check()
    report.text.write("x" * 200)
    report.check()


@pytest.mark.parametrize("kind", [ClobClient, AsyncClobClient])
def test_objects(report: Report, kind: Any) -> None:
    """Clients, credentials, settings, surroundings, keyrings, sessions and requests show no secret."""
    venue = Venue()
    client = kind(HOST, key=KEYS[0], creds=CREDS, builder=BUILDER)
    surroundings = ClobSurroundings.read(
        {
            "POLYSPEC_CLOB_PRIVATE_KEY": KEYS[0],
            "POLYSPEC_CLOB_API_KEY": OWNER,
            "POLYSPEC_CLOB_API_SECRET": SECRET,
            "POLYSPEC_CLOB_API_PASSPHRASE": PASSPHRASE,
        }
    )
    for value in (
        client,
        client.settings,
        client.creds,
        client.account,
        client.session,
        client.session.authority,
        client._signer,
        client._making,
        client._keyring,
        Keyring(CREDS),
        CREDS,
        BUILDER,
        surroundings,
        venue.place(),
    ):
        report.show(value)
    proxied = HttpOptions(proxy=f"http://me:{PROXY_PASSWORD}@proxy.example:3128")
    report.text.write(f"{proxied} {ClobSettings(http=proxied)!r}")
    assert "proxy.example" in repr(proxied)
    report.check()


def requests() -> list[Request]:
    """Return a request of each level of access, ready to be sent."""
    venue = Venue()
    venue.broken |= {LIST: ok({"apiKeys": []}), DERIVE: ok(TOLD), "auth/builder-api-key": ok("OK")}
    client_of(venue).get_api_keys()
    client_of(venue, creds=None).get_api_keys()
    client_of(venue, key=None, creds=None, builder=BUILDER).revoke_builder_api_key()
    client_of(venue).post_order(posting().order)
    return venue.requests


def test_requests(report: Report) -> None:
    """A request shows the names of its headers, not what they carry, and cannot be taken away in a pickle."""
    found = requests()
    assert len(found) == 5
    for request in found:
        report.secrets += [
            value for name, value in request.headers if name.lower().endswith(("signature", "passphrase"))
        ]
        report.show(request)
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(request)
    assert len(set(report.secrets)) > 10
    report.check()


@pytest.mark.parametrize("kind", [ClobClient, AsyncClobClient])
@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "http://clob.example"},
        {"chain_id": 5},
        {"funder": ADDRESSES[1]},
        {"signature_type": 9},
        {"creds": (OWNER, SECRET, PASSPHRASE)},
        {"address": ADDRESSES[1]},
        {"nonce": -1},
        {"builder_code": "x"},
        {"key": KEYS[0] + "0"},
        {"key": DIGITS[:-1] + "g"},
        {"key": bytes.fromhex(DIGITS) + b"\0"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_clients_that_cannot_be_made(report: Report, kind: Any, wrong: dict[str, Any]) -> None:
    """However a client is made wrongly, its key is in no local of the error."""
    report.secrets += [DIGITS[:-1]]
    known = {"key": KEYS[0], "creds": CREDS} | wrong
    if "creds" in wrong:
        # what is no ApiCreds has nobody to hide it, but the key beside it is hidden all the same
        report.secrets = [DIGITS]
    report.hear(lambda: kind(**known))
    assert re.search("Error|InvalidOrder", report.text.getvalue())
    report.check()


@pytest.mark.parametrize("kind", [ClobClient, AsyncClobClient])
@pytest.mark.parametrize(
    "wrong",
    [
        {"POLYSPEC_CLOB_HOST": "http://clob.example"},
        {"POLYSPEC_CLOB_CHAIN_ID": "x"},
        {"POLYSPEC_CLOB_CHAIN_ID": "5"},
        {"POLYSPEC_CLOB_FUNDER": ADDRESSES[1]},
        {"POLYSPEC_CLOB_FUNDER": "x"},
        {"POLYSPEC_CLOB_SIGNATURE_TYPE": "x"},
        {"POLYSPEC_CLOB_SIGNATURE_TYPE": PASSPHRASE},
        {"POLYSPEC_CLOB_CHAIN_ID": SECRET},
        {"POLYSPEC_CLOB_API_KEY": ""},
        {"POLYSPEC_CLOB_API_SECRET": ""},
        {"POLYSPEC_CLOB_API_SECRET": SECRET + "!"},
        {"POLYSPEC_CLOB_API_PASSPHRASE": f"{PASSPHRASE} x"},
        {"POLYSPEC_CLOB_PRIVATE_KEY": KEYS[0] + "00"},
        {"POLYSPEC_SANDBOX": json.dumps({"clob": BOX})},
        {"POLYSPEC_SANDBOX": json.dumps({"clob": BOX | {"chain_id": "x"}})},
        {"POLYSPEC_SANDBOX": f"{{{KEYS[0]}"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_environments_that_are_wrong(report: Report, kind: Any, wrong: dict[str, str]) -> None:
    """However the environment is wrong, nothing of it is in the error: neither ours nor another program's."""
    variables = {
        "DATABASE": f"postgres://{PROXY_PASSWORD}@db",
        "POLYSPEC_CLOB_PRIVATE_KEY": KEYS[0],
        "POLYSPEC_CLOB_API_KEY": OWNER,
        "POLYSPEC_CLOB_API_SECRET": SECRET,
        "POLYSPEC_CLOB_API_PASSPHRASE": PASSPHRASE,
    } | wrong
    report.hear(lambda: kind.from_env(variables))
    assert re.search("Error|InvalidOrder", report.text.getvalue())
    report.check()


ANSWERS: tuple[Any, ...] = (
    BROKEN_PIPE,
    no(401),
    no(429, "Too Many Requests", {"retry-after": "60"}),
    no(500),
    page(502),
    ok(TOLD | {"passphrase": 5}),
    ok({"apiKey": OWNER, "secret": SECRET}),
    ok(TOLD | {"secret": SECRET + "!"}),
    ok(TOLD | {"passphrase": PASSPHRASE + " "}),
    page(200, json.dumps(TOLD).encode()[:-1]),
    page(200, json.dumps(TOLD).encode()[:-2] + b"\xff\"}"),
    page(200, json.dumps(TOLD).encode()[:-1] + b',"secret":"' + SECRET.encode() + b'"}'),
)  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("path", [DERIVE, CREATE, LIST, "order", "auth/builder-api-key"])
def test_failures(report: Report, path: str, answer: Any) -> None:
    """Whatever is answered, an error carries neither what was sent nor what came back."""
    brief = ClobSettings(
        pacing=False, max_attempts=2, activation=0.0, patience=Patience(0.1, 0.1, 0.1, 0.1, 0.1)
    )
    calls: list[Callable[[ClobClient], Any]] = [
        lambda client: client.create_or_derive_api_key(),
        lambda client: client.create_api_key(),
        lambda client: client.derive_api_key(),
        lambda client: client.get_api_keys(),
        lambda client: client.post_order(posting().order, timeout=0.1),
        lambda client: client.create_builder_api_key(),
    ]
    for call in calls:
        venue = Venue()
        venue.broken |= {DERIVE: no(400), CREATE: ok(TOLD), LIST: ok({"apiKeys": []})}
        venue.broken[path] = answer
        for creds in (CREDS, None):
            client = client_of(venue, creds=creds, settings=brief, builder=BUILDER)
            # in no time
            client.run = venue.world.run  # type: ignore[method-assign]
            report.hear(lambda call=call, client=client: call(client))
        report.secrets += [
            value
            for each in venue.calls
            for name, value in each.headers.items()
            if name in ("poly_signature", "poly_builder_signature")
        ]
    report.check()


def test_calls_that_are_held_back(report: Report) -> None:
    """A call that is signed, and then finds no time to leave, shows nothing of its headers."""
    for path, name in ((DERIVE, "derive_api_key"), (LIST, "get_api_keys")):
        venue = Venue()
        venue.broken[path] = no(429, "Too Many Requests", {"retry-after": "90"})
        client = client_of(venue, host="https://held.test", settings=ClobSettings())
        report.hear(getattr(client, name))
        report.hear(getattr(client, name))
    assert "held back" in report.text.getvalue()
    report.check()


def test_flows_that_are_cut_off(report: Report) -> None:
    """What cuts a call off in the middle meets no secret in the locals of its flows."""
    world = ClobWorld()
    for creds in (CREDS, None):
        client = client_of(Venue(), creds=creds)
        flow = Running(world, client._placing(lambda _: None).place(posting(), 9)).until(Send)
        try:
            flow.flow.throw(KeyboardInterrupt())
        except KeyboardInterrupt as error:
            report.error(error)
    report.check()


def test_logs(report: Report, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged that should not be, at any level, in either colour."""
    caplog.set_level(1)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    venue = Venue()
    venue.broken |= {DERIVE: no(400), CREATE: ok(TOLD), LIST: no(401)}
    client = client_of(venue, creds=None, settings=ClobSettings(pacing=False, activation=0.0))
    report.hear(client.get_api_keys)

    async def run() -> None:
        other = async_client_of(venue, creds=None, settings=ClobSettings(pacing=False, activation=0.0))
        await other.post_order(posting().order)

    report.hear(lambda: asyncio.run(run()))
    report.text.write(caplog.text)
    report.check()
