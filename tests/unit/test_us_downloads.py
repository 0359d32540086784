"""A download is there whole, byte for byte, or not at all."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polyspec_wire.us_exchange import funding, report

from polyspec.errors import (
    ApiError,
    Conflict,
    DecodeError,
    Forbidden,
    RateLimited,
    ServerError,
    TransportError,
)
from polyspec.io.saving import Download
from polyspec.us.client import UsExchangeClient
from polyspec.us.downloads import Pieces, text_of
from tests.unit.us_rig import Venue, Wire, async_client_of, client_of

CSV = 'id,text\n1,"two\n\nlines"\r\n2,\u2028odd\x85breaks\n'.encode()


def text_line(text: str) -> bytes:
    """Wrap a piece as reports do."""
    return json.dumps({"result": {"filechunk": text}}, ensure_ascii=False).encode() + b"\n"


def base64_line(piece: bytes) -> bytes:
    """Wrap a piece as ledgers do."""
    return json.dumps({"result": {"data": b64encode(piece).decode()}}).encode() + b"\n"


def read(body: Iterable[bytes], kind: str = "ledger", max_line: int = 1000) -> bytes:
    """Read a body to its end."""
    operation = {"ledger": funding.DOWNLOAD_BALANCE_LEDGER, "report": report.DOWNLOAD_ORDERS}[kind]
    pieces = Pieces(operation, max_line)
    found = [text_of(piece) for chunk in body for piece in pieces.feed(chunk)]
    return b"".join([*found, *map(text_of, pieces.end())])


SHAPES: dict[str, tuple[str, bytes]] = {
    "base64": ("ledger", base64_line(CSV[:7]) + b"\n" + base64_line(b"") + base64_line(CSV[7:])),
    "text": ("report", text_line(CSV[:7].decode()) + text_line("") + text_line(CSV[7:].decode())),
    "no last line feed": ("ledger", base64_line(CSV).rstrip()),
    "bare": ("ledger", CSV),
    "bare report": ("report", CSV),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_every_shape_gives_the_same_file(shape: str, size: int) -> None:
    """Base64 lines, text lines and the bare file read the same, wherever the network cuts them."""
    kind, body = SHAPES[shape]
    assert read((body[at : at + size] for at in range(0, len(body), size)), kind) == CSV


@pytest.mark.parametrize("body", [[], [b""], [b"\n", b" \n"]])
def test_nothing_is_an_empty_file(body: list[bytes]) -> None:
    """An answer without anything is a file without anything in it."""
    assert read(body).strip() == b""


@given(text=st.binary(max_size=200), cuts=st.lists(st.integers(1, 60), max_size=12))
def test_any_bytes_survive(text: bytes, cuts: list[int]) -> None:
    """Whatever a ledger holds arrives unchanged, however it is split into lines and packets."""
    body = b"".join(base64_line(text[at : at + 20]) for at in range(0, len(text), 20))
    packets, at = [], 0
    for cut in cuts:
        packets.append(body[at : at + cut])
        at += cut
    assert read([*packets, body[at:]]) == text


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"error": {"code": 14, "message": "upstream down"}}', ServerError),
        (b'{"error": {"code": 7, "message": "not yours"}}', Forbidden),
        (b'{"error": {"code": 10, "message": "suppressed"}}', Conflict),
        (b'{"error": {"code": 8}}', RateLimited),
        (b'{"error": {"code": 99, "message": "new"}}', ServerError),
        (b'{"error": {}}', ServerError),
    ],
)
def test_what_the_venue_reports_midway_is_raised(line: bytes, kind: type[ApiError]) -> None:
    """An error line is an error with the venue's words, however much of the file came before it."""
    with pytest.raises(kind) as caught:
        read([base64_line(CSV), line + b"\n"])
    assert str(caught.value.operation).startswith("GET /v1/")
    if b"message" in line:
        assert json.loads(line)["error"]["message"] in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"result": {"data": "aGk="}}\n{"result": {"da',
        b'{"result": {"data": "not base64!"}}\n',
        b'{"result": {"data": "aGk"}}\n',
        b'{"code": 13, "message": "an error without its wrapping"}\n',
        b"{}\n",
        b'{"result": null}\n',
        b'{"result": {"data": "aGk="}}\nid,text\n',
        b'{"result": {"data": "aGk="}}\n<html>',
        b'{"result": {"data": "' + b"x" * 2000,
    ],
)
def test_what_is_no_download_is_an_error(body: bytes) -> None:
    """Half a line, an odd line or an endless one is an error, never a piece less."""
    with pytest.raises(DecodeError):
        read([body])


def files(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def download(wire_: Wire, client: UsExchangeClient, path: Path, body: Iterable[Any]) -> int:
    """Download a ledger."""
    wire_.file = body
    return client.ledgers.download_balance(path)


@pytest.fixture
def opened() -> tuple[Wire, UsExchangeClient]:
    """Return a client and its connections."""
    client, wire_ = client_of(Venue())
    return wire_, client


def test_file_appears_when_it_is_complete(opened: tuple[Wire, UsExchangeClient], tmp_path: Path) -> None:
    """A file gets its name and its content at once, and the bytes are counted."""
    seen: list[dict[str, bytes]] = []

    def body() -> Iterable[bytes]:
        yield base64_line(CSV[:5])
        seen.append({name: content for name, content in files(tmp_path).items() if not name.startswith(".")})
        yield base64_line(CSV[5:])

    path = tmp_path / "ledger.csv"
    assert download(*opened, path, body()) == len(CSV)
    assert seen == [{}]
    assert files(tmp_path) == {"ledger.csv": CSV}


@pytest.mark.parametrize(
    "end",
    [
        TransportError("the connection broke"),
        KeyboardInterrupt(),
        b'{"error": {"code": 14, "message": "upstream down"}}\n',
        b'{"result": {"da',
    ],
    ids=["reset", "ctrl-c", "error line", "half a line"],
)
@pytest.mark.parametrize("before", [{}, {"ledger.csv": b"an older file"}], ids=["new", "over an older one"])
def test_broken_off_leaves_nothing(
    opened: tuple[Wire, UsExchangeClient], tmp_path: Path, before: dict[str, bytes], end: Any
) -> None:
    """However a download breaks off, no file appears, and an older one stays as it was."""
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)

    def body() -> Iterable[bytes]:
        yield base64_line(CSV)
        if isinstance(end, BaseException):
            raise end
        yield end

    with pytest.raises((TransportError, KeyboardInterrupt, ServerError, DecodeError)):
        download(*opened, tmp_path / "ledger.csv", body())
    assert files(tmp_path) == before


def test_refused_download_leaves_nothing(opened: tuple[Wire, UsExchangeClient], tmp_path: Path) -> None:
    """A download the venue refuses raises the refusal."""
    wire_, client = opened
    wire_.status = 403
    with pytest.raises(Forbidden, match="not yours"):
        download(wire_, client, tmp_path / "ledger.csv", [b'{"code": 7, "message": "not yours"}'])
    assert files(tmp_path) == {}


def test_expired_token_is_renewed_once(opened: tuple[Wire, UsExchangeClient], tmp_path: Path) -> None:
    """A 401 before the download begins is met with one new token."""
    wire_, client = opened
    wire_.status = 401
    with pytest.raises(ApiError):
        download(wire_, client, tmp_path / "ledger.csv", [b'{"code": 16}'])
    assert len(wire_.requests) == 2
    assert wire_.tokens == 2


@pytest.mark.parametrize("what", ["progress", "replace", "fsync"])
def test_failure_of_this_machine_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A full disk, a name that is taken or a callback that fails leaves nothing behind either."""

    def fail(*_: object) -> None:
        raise OSError("disk full")

    target: Path = tmp_path / "file"
    progress: Callable[[int], None] | None = fail if what == "progress" else None
    if what == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if what == "replace":
        (target / "in the way").mkdir(parents=True)
    with pytest.raises(OSError), Download(target, progress) as made:
        made.write(b"some")
    assert [each.name for each in tmp_path.iterdir()] == (["file"] if what == "replace" else [])


def test_folder_that_is_missing_is_found_before_asking(
    opened: tuple[Wire, UsExchangeClient], tmp_path: Path
) -> None:
    """A path that cannot be written costs no request."""
    wire_, client = opened
    with pytest.raises(FileNotFoundError):
        download(wire_, client, tmp_path / "missing" / "ledger.csv", [])
    assert wire_.requests == []


def test_progress_is_told(tmp_path: Path) -> None:
    """Progress counts the bytes written so far."""
    told: list[int] = []
    client, wire_ = client_of(Venue())
    wire_.file = [base64_line(CSV[:5]), base64_line(CSV[5:])]
    client.ledgers.download_positions(tmp_path / "l.csv", progress=told.append)
    assert told == [5, len(CSV)]


def test_prepared_in_the_other_colour_too() -> None:
    """Both colours offer the same downloads."""
    client, _ = async_client_of(Venue())
    names = {name for name in dir(client.ledgers) if name.startswith("download")}
    assert names == {"download_balance", "download_positions"}
