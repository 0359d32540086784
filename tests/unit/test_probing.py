"""Reaching a place step by step: which step fails, and why."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from polyspec.core.effects import Reply
from polyspec.core.findings import Finding, Severity
from polyspec.io import probing
from polyspec.io.checkups import extras, limits, network
from polyspec.io.options import HttpOptions
from polyspec.io.probing import Place, probe, proxies_around
from polyspec.limits import Shared
from polyspec.limits.backend import BackendDown
from polyspec.limits.share import Share
from tests.client.certificates import certificate
from tests.client.rawserver import RawServer, after_request, answer, sends
from tests.unit.flows import in_thread


def test_places() -> None:
    """Addresses and targets are read with their usual ports."""
    assert Place.of_url("a", "https://x.example/y") == Place("a", "x.example", 443, tls=True)
    assert Place.of_url("a", "http://127.0.0.1:81") == Place("a", "127.0.0.1", 81, tls=False)
    assert Place.of_target("a", "[::1]:50051", tls=False) == Place("a", "::1", 50051, tls=False)


def test_no_such_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name nobody knows, and one that is never answered, stop at the first step."""
    found = probe(Place("a", "no-such-host.invalid", 443, tls=True), HttpOptions())
    assert found.stage == "dns"
    assert found.reason
    monkeypatch.setattr(probing, "_STEP", 0.05)

    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(0.2)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    late = probe(Place("a", "slow.invalid", 443, tls=True), HttpOptions())
    assert (late.stage, late.reason) == ("dns", "no answer within 0.05 s")


def test_nobody_listens() -> None:
    """A port nobody listens at stops at the second step."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = probe(Place("a", "127.0.0.1", taken.getsockname()[1], tls=False), HttpOptions())
    assert (found.stage, found.reason) == ("tcp", "Connection refused")


def test_a_name_with_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next address is tried where one is silent, and all of them together have their time."""
    monkeypatch.setattr(probing, "_STEP", 0.1)
    quiet = socket.create_server(("127.0.0.1", 0), backlog=1)
    # who listens and never accepts is silent once its queue is full
    full = [socket.socket() for _ in range(4)]
    with socket.create_server(("127.0.0.1", 0)) as server, quiet:
        for each in full:
            each.setblocking(False)
            each.connect_ex(quiet.getsockname())
        silent, open_ = quiet.getsockname(), server.getsockname()
        known = [silent, open_]
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", each) for each in known]
        )
        place = Place("a", "many.example", 80, tls=False)
        assert probe(place, HttpOptions()).stage == "done"
        known[:] = [silent, silent, open_]
        assert probe(place, HttpOptions()).stage == "done"
        known[:] = [silent] * 40
        lost = probe(place, HttpOptions())
        assert (lost.stage, lost.reason[:9]) == ("tcp", "no answer")
        # 40 of them one after the other, with a tenth of a second or more each, would take longer
        assert lost.seconds < 3
    for each in full:
        each.close()


def test_tls(tmp_path: Path) -> None:
    """A certificate is trusted by the client's own settings; otherwise the last step says why not."""
    context, bundle = certificate(tmp_path, "localhost", days=3)
    server = RawServer(after_request(sends(answer())), tls=context)
    try:
        place = Place.of_url("a", f"https://localhost:{server.port}")
        trusted = probe(place, HttpOptions(verify=bundle))
        strange = probe(place, HttpOptions())
    finally:
        server.stop()
    assert (trusted.stage, trusted.reason) == ("done", "")
    assert trusted.tls.startswith("TLSv1")
    assert trusted.expires == pytest.approx(3, abs=0.1)
    assert strange.stage == "tls"
    assert "certificate" in strange.reason


def test_a_proxy_that_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is named by its variable alone; a warning where one gets nowhere."""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy.example")
    assert proxies_around() == ["HTTPS_PROXY"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = Place("a", "127.0.0.1", server.getsockname()[1], tls=False)
        reached: list[Finding] = []
        in_thread(network(reached, [place], HttpOptions(), replaced=False))
    lost: list[Finding] = []
    in_thread(network(lost, [place], HttpOptions(), replaced=False))
    assert [(each.code, each.severity) for each in reached] == [
        ("network.ok", Severity.OK),
        ("network.proxy_ignored", Severity.INFO),
    ]
    assert [(each.code, each.severity) for each in lost] == [
        ("network.tcp", Severity.ERROR),
        ("network.proxy_ignored", Severity.WARNING),
    ]
    assert "hunter2" not in str(reached + lost)


def test_a_proxy_that_is_used_and_connections_handed_in() -> None:
    """A proxy that was named is told without its password; connections handed in are not looked at."""
    found: list[Finding] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        options = HttpOptions(proxy=f"http://me:hunter2@127.0.0.1:{server.getsockname()[1]}")
        in_thread(network(found, [], options, replaced=False))
    in_thread(network(found, [], HttpOptions(), replaced=True))
    assert [each.code for each in found] == ["network.proxy", "network.replaced"]
    # nobody listens there any more
    in_thread(network(found, [], options, replaced=False))
    assert [each.code for each in found[2:]] == ["network.proxy", "network.tcp"]
    assert "the proxy" in found[3].what
    assert "sandbox" not in found[3].fix
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "limits.unknown"),
        ({"x-ratelimit-remaining": "590", "x-ratelimit-limit": "600"}, "limits.ok"),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-limit": "600"}, "limits.low"),
        ({"poly-ratelimit-remaining": "-2"}, "limits.low"),
        ({"ratelimit-remaining": "many"}, "limits.unknown"),
    ],
)
def test_what_is_left_of_limits(headers: dict[str, str], code: str) -> None:
    """What headers tell of limits is read in all its spellings; a tenth that is left is little."""
    found: list[Finding] = []
    in_thread(limits(found, [Reply(200, headers, b"", 0.1)], pacing=True))
    assert [each.code for each in found] == [code]
    in_thread(limits(found, [], pacing=False))
    assert found[1].code == "limits.pacing_off"


def test_limits_that_are_shared(tmp_path: Path) -> None:
    """Whether the place of shared limits is reached is told, by asking it for something."""

    class Down:
        def look(self, name: str) -> None:
            raise BackendDown(name)

        def begin_anew(self) -> None:
            pass

    shared = Shared(f"sqlite:///{tmp_path / 'limits'}")
    found: list[Finding] = []
    in_thread(limits(found, [], shared))
    shared.share.close()
    in_thread(limits(found, [], SimpleNamespace(share=Share(Down()))))  # type: ignore[arg-type]
    told = [each.code for each in found if each.code != "limits.unknown"]
    assert told == ["limits.shared", "limits.alone"]


def test_libraries_that_are_missing() -> None:
    """A library that is missing is told with the extra that has it."""
    found: list[Finding] = []
    extras(found, {"json": ("nothing", "us", True), "no_such_module": ("it is slower", "clob", True)})
    [missing] = found
    assert (missing.code, missing.severity) == ("extras.missing", Severity.WARNING)
    assert missing.fix == "pip install 'polyspec[clob]'"
