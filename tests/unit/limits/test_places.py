"""The places that processes share: each does what the arithmetic says, atomically, by a clock of its own."""

from __future__ import annotations

import os
import random  # noqa: TID251 - made here, with a seed
import signal
import stat
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from polyspec.core.tally import Claim, Place, Refusal, State, Tally, Ticket
from polyspec.errors import ConfigError
from polyspec.limits import Shared, lua, shared_from
from polyspec.limits.backend import Backend, BackendDown
from tests.stopwatch import Stopwatch
from tests.unit.limits.conftest import RedisServer
from tests.unit.limits.test_tally import FOREVER, even, window

GATES = ("u:B:gate", "a:*:gate")


def opened(url: str) -> Backend:
    """Open a place anew, as another process would."""
    if url.startswith("sqlite"):
        from polyspec.limits.sqlite_backend import SqliteBackend

        return SqliteBackend(url.removeprefix("sqlite:///"))
    from polyspec.limits.redis_backend import RedisBackend

    return RedisBackend(url)


def a_claim(choice: random.Random) -> Claim:
    """Make up a claim: paces and windows small and large, batches, cancels, what is kept for them."""
    count = choice.choice([1, 1, 1, 3, 15])
    own = choice.random() < 0.7
    ahead = choice.random() < 0.1
    kind = choice.choice(["even", "small", "large"])
    held = choice.choice([0.0, 2.0])
    if kind == "even":
        rate = choice.choice([0.5, 7.0, 90.0])
        return Claim("E", count, choice.choice([17.0, 30.5]), held, 1e6 / rate, False, ahead, own)
    size, per = (
        choice.choice([(17, 1.0), (40, 5.0)]) if kind == "small" else choice.choice([(90, 2.0), (5000, 10.0)])
    )
    return Claim(f"W{size}", count, float(size), held, per * 1e6, True, ahead, own)


@pytest.mark.parametrize("seed", range(6))
def test_redis_does_what_the_arithmetic_says(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Asked the same at the same moments, the scripts answer as the tally does, also around refusals."""
    import redis

    from polyspec.limits import redis_backend

    told = "local now = tonumber(redis.call('GET', 'clock'))\n"
    for name, text in (("_RESERVE", lua.RESERVE), ("_REFUSE", lua.REFUSE)):
        assert lua._NOW in text
        monkeypatch.setattr(redis_backend, name, redis_backend._Script(text.replace(lua._NOW, told)))
    choice = random.Random(seed)
    client = redis.Redis.from_url(server.url)
    client.flushall()
    backend, states = opened(server.url), dict[str, State]()
    tally, now = Tally(states), 1_800_000_000_000_000
    for _ in range(400):
        now += choice.choice([0, 17, 5_000, 300_000, 2_000_000])
        client.set("clock", now)
        claims = tuple({claim.key: claim for claim in (a_claim(choice) for _ in range(3))}.values())
        if choice.random() < 0.05:
            refusal = Refusal(
                choice.choice(GATES), choice.choice([0.25, 3.0]), choice.choice([None, *claims])
            )
            tally.refuse(refusal, now)
            backend.refuse(refusal)
        ticket = Ticket(GATES[: choice.choice([1, 2])], claims)
        patience = choice.choice([0.0, 1.0, 1e5])
        expected = tally.reserve(ticket, now, patience)
        found, _ = backend.reserve(ticket, patience, None)
        assert found.wait == pytest.approx(expected.wait, abs=2e-6)
        assert (found.epoch, found.gates) == (expected.epoch, expected.gates)
        assert backend.stands(found) == tally.stands(expected, now)
    client.close()
    backend.close()


def test_holders_share_a_limit(place: str) -> None:
    """What one holder took another does not get, and neither gets more by asking in turn."""
    first, second = opened(place), opened(place)
    ticket = Ticket(GATES, (even(1.0, 10.0),))
    waits = [each.reserve(ticket, 0.0, None)[0].wait for _ in range(10) for each in (first, second)]
    assert sum(wait <= 0 for wait in waits) == 10
    assert max(waits) == pytest.approx(1.0, abs=0.2)


def test_a_refusal_reaches_all_holders_at_once(place: str) -> None:
    """A 429 that one holder met holds the others back within 100 ms, and those that sleep as well."""
    first, second = opened(place), opened(place)
    ticket = Ticket(GATES, (window(5),))
    asleep = [second.reserve(ticket, FOREVER, None)[0] for _ in range(20)][-1]
    assert asleep.wait > 2
    assert second.stands(asleep)
    with Stopwatch() as watch:
        first.refuse(Refusal(GATES[0], 1.5, window(5)))
        assert not second.stands(asleep)
        assert 1.3 <= second.reserve(ticket, 0.0, None)[0].wait <= 2.5
    assert watch.seconds < 0.1
    assert second.reserve(Ticket(("u:other:gate",), (window(5, key="other"),)), 0.0, None)[0].wait == 0


def test_holders_are_counted_while_they_are_heard_of(place: str) -> None:
    """A holder counts from when it first asked until it was silent for the memory of the place."""
    backend = opened(place)
    empty = Ticket(GATES, ())
    assert [backend.reserve(empty, 0.0, name)[1] for name in ("a", "b", "a", "c")] == [1, 2, 2, 3]
    backend._memory = 0.05 if "redis" in place else 0.05e6  # type: ignore[attr-defined]
    time.sleep(0.1)
    assert backend.reserve(empty, 0.0, "a")[1] == 1
    assert backend.reserve(empty, 0.0, None)[1] == 0


def test_no_clock_of_a_holder_counts(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing asks for the time of day: a clock an hour off, or set meanwhile, changes nothing."""

    def unasked() -> float:
        raise AssertionError("the time of day was asked for")

    backend = opened(place)
    ticket = Ticket(GATES, (even(1.0, 2.0), window(3, 100.0)))
    monkeypatch.setattr(time, "time", unasked)
    waits = [backend.reserve(ticket, 0.0, "holder")[0].wait for _ in range(3)]
    backend.refuse(Refusal(GATES[0], 1.0, even(1.0, 2.0)))
    backend.put("t", 1, b"x", 0.5, 10.0)
    found = backend.look("t")
    assert waits[:2] == [0.0, 0.0]
    assert 0 < waits[2] <= 1
    assert found is not None
    assert found.age == pytest.approx(0.5, abs=0.2)


def test_threads_of_a_holder_do_not_hinder_each_other(place: str) -> None:
    """Asked by eight threads at once, a place lets exactly as many through as it should."""
    backend = opened(place)
    ticket, through = Ticket(GATES, (window(50, 100.0),)), list[Place]()

    def work() -> None:
        for _ in range(20):
            place, _ = backend.reserve(ticket, 0.0, None)
            if place.wait <= 0:
                through.append(place)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 50


def test_leases_and_parcels(place: str) -> None:
    """One holder at a time has the lease; who comes later has a higher number, and wins over the earlier."""
    first, second = opened(place), opened(place)
    fence = first.lease("t", "first", 0.2)
    assert fence is not None
    assert second.lease("t", "second", 10.0) is None
    second.release("t", "second")
    assert second.lease("t", "second", 10.0) is None
    time.sleep(0.25)
    later = second.lease("t", "second", 10.0)
    assert later is not None
    assert later > fence
    assert second.put("t", later, b"new", 0.0, 10.0)
    assert not first.put("t", fence, b"old", 0.0, 10.0)
    first.release("t", "first")
    assert first.lease("t", "first", 1.0) is None
    second.release("t", "second")
    assert first.lease("t", "first", 1.0) is not None
    found = first.look("t")
    assert found is not None
    assert (found.content, found.fence) == (b"new", later)
    assert "new" not in repr(found)
    first.put("t", later + 1, b"brief", 0.0, 0.05)
    time.sleep(0.1)
    assert second.look("t") is None


def test_a_lease_ends_with_its_process(tmp_path: Path) -> None:
    """In a file, the lease of a process that was killed is free at once."""
    backend = opened(f"sqlite:///{tmp_path}/limits")
    child = os.fork()
    if child == 0:
        backend.begin_anew()
        os._exit(backend.lease("t", "child", 1000.0) is None)
    assert os.waitpid(child, 0)[1] == 0
    assert backend.lease("t", "parent", 1.0) == 2


def test_a_forked_process_counts_with_its_parent(place: str) -> None:
    """A fork goes on with connections of its own, as another holder, under the same limit."""
    share = Shared(place).share
    ticket = Ticket(GATES, (window(10, 100.0),))
    assert all(share.reserve(ticket, 0.0).wait == 0 for _ in range(4))
    child = os.fork()
    if child == 0:
        through = sum(share.reserve(ticket, 0.0).wait <= 0 for _ in range(10))
        os._exit(through if share.up else 99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 6
    assert share.reserve(ticket, 0.0).wait > 0
    assert share.up


def test_a_file_of_another_boot_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the machine's clock began anew, what the file says about its moments is forgotten."""
    from polyspec.limits import sqlite_backend

    url, ticket = f"sqlite:///{tmp_path}/limits", Ticket(GATES, (window(1, 1000.0),))
    assert opened(url).reserve(ticket, 0.0, None)[0].wait == 0
    assert opened(url).reserve(ticket, 0.0, None)[0].wait > 900
    boot = tmp_path / "boot"
    boot.write_text("another")
    monkeypatch.setattr(sqlite_backend, "_BOOT", boot)
    assert opened(url).reserve(ticket, 0.0, None)[0].wait == 0


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    """The file is made for its owner alone, and one that others could read, or a link, is refused."""
    path = tmp_path / "new" / "limits"
    opened(f"sqlite:///{path}").reserve(Ticket(GATES, ()), 0.0, None)
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        opened(f"sqlite:///{path}")
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(ConfigError, match="link"):
        opened(f"sqlite:///{link}")


def test_a_broken_file_is_down(tmp_path: Path) -> None:
    """What is no database is told as a place that cannot be asked."""
    path = tmp_path / "limits"
    path.write_bytes(b"no database at all" * 100)
    path.chmod(0o600)
    with pytest.raises(BackendDown, match="not a database"):
        opened(f"sqlite:///{path}").reserve(Ticket(GATES, ()), 0.0, None)


def test_a_server_that_forbids_or_holds_something_else_is_down(server: RedisServer) -> None:
    """A key of another type, or a user without rights, is told as a place that cannot be asked."""
    import redis

    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        client.hset("polyspec:1:W", "a", "b")
        client.acl_setuser(
            "guest", enabled=True, passwords=["+guest-password"], commands=["+get"], keys=["*"]
        )
    with pytest.raises(BackendDown, match="refuses"):
        opened(server.url).reserve(Ticket(GATES, (window(5),)), 0.0, None)
    guest = server.url.replace("redis://", "redis://guest:guest-password@")
    with pytest.raises(BackendDown, match="access rules"):
        opened(guest).reserve(Ticket(GATES, ()), 0.0, None)
    with pytest.raises(BackendDown, match="password") as caught:
        opened(guest.replace("guest-password", "hunter2")).reserve(Ticket(GATES, ()), 0.0, None)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("postgres://db/limits", "redis://"),
        ("sqlite://host/limits", "sqlite:///relative"),
        ("sqlite:///", "sqlite:///relative"),
        ("redis://:hunter2@localhost:port/0", "none that Redis knows"),
        ("redis://localhost/0?holders=0", "1 to 10000"),
        ("redis://localhost/0?holders=many", "1 to 10000"),
        ("redis://localhost/0?egress=a%20b", "egress"),
    ],
)
def test_addresses_that_make_no_sense(url: str, match: str) -> None:
    """What cannot be a place is refused with what it should look like, and without what may be a password."""
    with pytest.raises(ConfigError, match=match) as caught:
        _ = Shared(url).share
    assert "hunter2" not in str(caught.value)


def test_settings_of_sharing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Options come by name or in the address; the same ones are the same place, and no password is shown."""
    told = Shared("redis://:hunter2@localhost/0?egress=nat-1&holders=12")
    assert (told.egress, told.holders) == ("nat-1", 12)
    assert (Shared("redis://localhost").egress, Shared("redis://localhost").holders) == ("all", 4)
    assert told == Shared("redis://:hunter2@localhost/0?egress=nat-1&holders=12")
    assert len({told, Shared("redis://:hunter2@localhost/0", egress="nat-2", holders=12)}) == 2
    assert "hunter2" not in repr(told)
    assert Shared(f"sqlite:///{tmp_path}/x").share is Shared(f"sqlite:///{tmp_path}/x", egress="e").share
    assert shared_from({}) is True
    assert shared_from({"POLYSPEC_LIMITER": " redis://localhost/1 "}) == Shared("redis://localhost/1")
    with pytest.raises(ConfigError, match="POLYSPEC_LIMITER"):
        shared_from({"POLYSPEC_LIMITER": "memcached://x"})


def test_options_are_not_for_redis(server: RedisServer) -> None:
    """What is ours in an address does not reach the Redis client, and what is its own does."""
    share: Any = Shared(f"{server.url}?egress=x&holders=3&client_name=bot").share
    share.reserve(Ticket(GATES, ()), 0.0)
    assert share.up
    assert share.backend._client.client_getname() in ("bot", b"bot")


def test_the_documented_rights_are_enough(server: RedisServer) -> None:
    """A user with the rights that the documentation names can do everything, under our prefix alone."""
    import redis

    text = (Path(__file__).parents[3] / "docs" / "limits.md").read_text()
    rights = text[text.index("ACL SETUSER polyspec") :].partition("```")[0].split()[2:]
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        client.execute_command("ACL", "SETUSER", *rights)
    backend = opened(server.url.replace("redis://", "redis://polyspec:password@"))
    ticket = Ticket(GATES, (even(), window()))
    taken, holders = backend.reserve(ticket, 0.0, "holder")
    assert (taken.wait, holders) == (0.0, 1)
    backend.refuse(Refusal(GATES[0], 1.0, even()))
    assert not backend.stands(taken)
    assert backend.lease("t", "holder", 1.0) == 1
    assert backend.put("t", 1, b"x", 0.0, 1.0)
    assert backend.look("t") is not None
    backend.release("t", "holder")
    with redis.Redis.from_url(server.url) as client:
        client.acl_deluser("polyspec")


def test_a_holder_takes_its_own_lease_again(place: str) -> None:
    """A lease whose taker gave up holds up others only: the same holder has it at once, with a new number."""
    share, other = Shared(place).share, opened(place)
    assert share.lease("t", 30.0, "a cache") == 1
    assert share.lease("t", 30.0, "a cache") == 2
    assert share.lease("t", 30.0, "another cache") is None
    share.release("t", "another cache")
    assert other.lease("t", "other", 30.0) is None
    share.release("t", "a cache")
    assert other.lease("t", "other", 30.0) == 3


def test_more_threads_than_connections_wait_in_turn(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that find all connections in use wait for one, and do not take the place for down."""
    from polyspec.limits import redis_backend

    monkeypatch.setattr(redis_backend, "_MOST", 1)
    backend, done = redis_backend.RedisBackend(server.url, timeout=10.0), list[int]()

    def work() -> None:
        for _ in range(20):
            backend.reserve(Ticket(GATES, ()), 0.0, None)
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    backend.close()
    assert len(done) == 8


def test_a_server_whose_clock_is_set_back_goes_on(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server's clock is set back by an hour nobody waits for that hour, and the limit holds."""
    import redis

    from polyspec.limits import redis_backend

    told = "local now = tonumber(redis.call('GET', 'clock'))\n"
    for name, text in (("_RESERVE", lua.RESERVE), ("_REFUSE", lua.REFUSE)):
        monkeypatch.setattr(redis_backend, name, redis_backend._Script(text.replace(lua._NOW, told)))
    backend, ticket = opened(server.url), Ticket(GATES, (window(1, 5.0), even(0.2, 1.0)))
    with redis.Redis.from_url(server.url) as client:
        client.flushall()

        def at(second: float) -> float:
            client.set("clock", int((1_800_000_000 + second) * 1e6))
            return backend.reserve(ticket, 0.0, None)[0].wait

        assert at(0) == 0
        assert at(2) == pytest.approx(3, abs=0.2)
        assert at(2 - 3600) == pytest.approx(3, abs=0.2)
        assert at(4 - 3600) == pytest.approx(1, abs=0.2)
        assert at(6 - 3600) == 0
        assert at(7 - 7200) == pytest.approx(5, abs=0.3)
        backend.refuse(Refusal(GATES[0], 30.0, None))
        assert at(7 - 9000) == pytest.approx(30, abs=0.3)
    backend.close()


def test_a_replica_is_left_for_whoever_has_its_name_now(server: RedisServer) -> None:
    """What takes no changes is told as down, and its connections are closed, so its name is asked for."""
    import redis

    backend = opened(server.url)
    with redis.Redis.from_url(server.url, client_name="admin") as client:
        client.flushall()
        backend.reserve(Ticket(GATES, ()), 0.0, None)
        client.replicaof("127.0.0.1", "1")
        try:
            with pytest.raises(BackendDown, match="replica"):
                backend.reserve(Ticket(GATES, ()), 0.0, "holder")
        finally:
            client.replicaof("NO", "ONE")
        pool: Any = backend._client.connection_pool  # type: ignore[attr-defined]
        assert all(each._sock is None for each in pool._available_connections)
    assert backend.reserve(Ticket(GATES, ()), 0.0, None)[0].wait == 0
    backend.close()


def test_what_makes_no_sense_is_down(place: str, tmp_path: Path) -> None:
    """Content that is none of ours is told as a place that cannot be asked, in whatever is read."""
    backend = opened(place)
    ticket = Ticket(GATES, (window(5),))
    taken = backend.reserve(ticket, 0.0, None)[0]
    backend.refuse(Refusal(GATES[0], 1.0, None))
    backend.put("t", 1, b"x", 0.0, 10.0)
    if place.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(tmp_path / "shared" / "limits") as file:
            file.execute("UPDATE states SET state = X'C1'")
            file.execute("UPDATE parcels SET born = 'never'")
        file.close()
    else:
        import redis

        with redis.Redis.from_url(place) as client:
            client.set("polyspec:1:" + GATES[0], b"\xc1")
            client.set("polyspec:1:W", b"\xc1")
            client.hset("polyspec:1:t:parcel", "born", "never")
    for ask in (
        lambda: backend.reserve(ticket, 0.0, None),
        lambda: backend.stands(taken),
        lambda: backend.look("t"),
    ):
        with pytest.raises(BackendDown):
            ask()
    assert backend.lease("t", "holder", 1.0) is not None
    backend.close()


@pytest.mark.parametrize("what", ["file", "directory"])
def test_a_file_that_was_taken_away_is_made_anew_for_all(tmp_path: Path, what: str) -> None:
    """Holders of a file that was deleted, or moved away, meet in the one that takes its place."""
    directory = tmp_path / "shared"
    url, ticket = f"sqlite:///{directory}/limits", Ticket(GATES, (window(5, 1000.0),))
    first, second = opened(url), opened(url)
    first.reserve(ticket, 0.0, None)
    second.reserve(ticket, 0.0, None)
    if what == "file":
        (directory / "limits").unlink()
    else:
        directory.rename(tmp_path / "elsewhere")
    waits = [each.reserve(ticket, 0.0, None)[0].wait for _ in range(5) for each in (first, second)]
    assert sum(wait <= 0 for wait in waits) == 5
    assert {stat.S_IMODE(each.stat().st_mode) for each in directory.iterdir()} == {0o600}
    assert opened(url).reserve(ticket, 0.0, None)[0].wait > 900


def test_a_file_that_is_well_again_is_used_again(tmp_path: Path) -> None:
    """Damage is told as down; once another file is in its place that one is used."""
    path = tmp_path / "limits"
    backend = opened(f"sqlite:///{path}")
    backend.reserve(Ticket(GATES, ()), 0.0, None)
    whole = path.read_bytes()
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(BackendDown):
        backend.reserve(Ticket(GATES, ()), 0.0, "holder")
    path.write_bytes(whole)
    assert backend.reserve(Ticket(GATES, ()), 0.0, "holder")[1] == 1


def test_without_a_boot_number_the_clock_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine does not number its boots, a clock behind what was last seen has begun anew."""
    from polyspec.limits import sqlite_backend

    clock = [10.0]
    monkeypatch.setattr(sqlite_backend, "_BOOT", tmp_path / "none")
    monkeypatch.setattr(
        sqlite_backend, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda _: None)
    )
    url, ticket = f"sqlite:///{tmp_path}/limits", Ticket(GATES, (window(1, 5.0),))
    backend = opened(url)
    backend.reserve(Ticket(GATES, ()), 0.0, "holder")
    clock[0] = 1e6
    assert backend.reserve(ticket, 0.0, "holder")[0].wait == 0
    clock[0] = 100.0
    assert opened(url).reserve(ticket, 0.0, "holder")[0].wait == 0


def test_processes_of_other_containers_are_not_taken_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is numbered elsewhere cannot be looked for: its lease is left to end by itself."""
    from polyspec.limits import sqlite_backend

    backend = opened(f"sqlite:///{tmp_path}/limits")
    monkeypatch.setattr(sqlite_backend, "_NUMBERING", tmp_path / "ns")
    (tmp_path / "ns").symlink_to("pid:[1]")
    with monkeypatch.context() as there:
        there.setattr(os, "getpid", lambda: 2**22 + 1)
        assert backend.lease("t", "there", 1000.0) == 1
    (tmp_path / "ns").unlink()
    (tmp_path / "ns").symlink_to("pid:[2]")
    assert backend.lease("t", "here", 1000.0) is None
    (tmp_path / "ns").unlink()
    (tmp_path / "ns").symlink_to("pid:[1]")
    assert backend.lease("t", "here", 1000.0) == 2


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_fork_among_threads_finds_the_file_free(tmp_path: Path) -> None:
    """A copy of a process whose threads are at the file goes on with it: no step is copied half done."""
    share, ticket, going = Shared(f"sqlite:///{tmp_path}/limits").share, Ticket(GATES, ()), [True]
    share.backend._timeout = 30.0  # type: ignore[attr-defined]

    def work() -> None:
        while going:
            share.reserve(ticket, 0.0)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    ended = []
    for _ in range(15):
        child = os.fork()
        if child == 0:
            # who cannot begin ends, instead of waiting for ever
            signal.alarm(20)
            share.reserve(ticket, 0.0)
            os._exit(0 if share.up else 1)
        ended.append(os.waitpid(child, 0)[1])
    going.clear()
    for thread in threads:
        thread.join()
    assert ended == [0] * 15


def test_a_file_stays_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that goes to another directory counts in the same file as before."""
    monkeypatch.chdir(tmp_path)
    backend, ticket = opened("sqlite:///limits"), Ticket(GATES, (window(1, 1000.0),))
    backend.reserve(ticket, 0.0, None)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert backend.reserve(ticket, 0.0, None)[0].wait > 900
    assert not list((tmp_path / "elsewhere").iterdir())
