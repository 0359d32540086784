"""One access token for all: policy, single flight, takeover."""

from __future__ import annotations

import asyncio
import gc
import itertools
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.effects import Flow, Instant, Now, Sleep, Wait
from polyspec.core.flight import Flight
from polyspec.core.secret import Secret
from polyspec.core.tokens import Fetch, IssuerError, Token, TokenCache, lifetime, shared_cache
from polyspec.errors import AuthError, ConnectFailed, DecodeError, PolyspecError, ServerError, TimedOut
from tests.unit.flows import Running, World, in_task, in_thread, together


def leader_flight(tokens: TokenCache) -> Flight[Token]:
    """Return the flight under way."""
    assert tokens._flight is not None
    return tokens._flight


class Issuer:
    """Gives out numbered tokens, one fetch at a time, or fails as told."""

    def __init__(self, life: float = 180.0, takes: float = 0.0) -> None:
        self.life = life
        self.takes = takes
        self.fetches = 0
        self.at_once = 0
        self.most_at_once = 0
        self.failure: Callable[[], BaseException] | None = None
        self.deadlines: list[float] = []

    def fetch(self, deadline: float) -> Flow[Token]:
        """Take a while, then give a token or fail."""
        self.fetches += 1
        self.deadlines.append(deadline)
        number = self.fetches
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            start: Instant = yield Now()
            if self.takes:
                yield Sleep(min(self.takes, deadline - start.monotonic))
            if start.monotonic + self.takes > deadline:
                raise TimedOut("the issuer is slow")
            if self.failure:
                raise self.failure()
            return Token(Secret(f"token-{number}"), start.monotonic, self.life)
        finally:
            self.at_once -= 1


def cache(chance: float = 0.5) -> TokenCache:
    """Make an empty cache whose renewals are not jittered."""
    return TokenCache(lambda: chance)


def text(token: Token) -> str:
    """Return what is secret about a token."""
    return token.secret.reveal()


def ask(world: World, tokens: TokenCache, fetch: Fetch, patience: float = 15.0) -> str:
    """Ask for a token as one call would."""
    return text(world.run(tokens.token(fetch, world.monotonic + patience)))


@pytest.mark.parametrize("life", [1.0, 30.0, 180.0, 3600.0, 86_400.0])
def test_renewed_at_two_thirds_and_never_used_at_its_end(life: float) -> None:
    """Whatever its life, a token serves until two thirds of it and is never given out in its last moments."""
    world, tokens, issuer = World(), cache(), Issuer(life)
    assert ask(world, tokens, issuer.fetch) == "token-1"
    world.pass_time(life * 0.66)
    assert ask(world, tokens, issuer.fetch) == "token-1"
    world.pass_time(life * 0.02)
    assert ask(world, tokens, issuer.fetch) == "token-2"
    issuer.failure = lambda: ConnectFailed("down")
    world.pass_time(life - min(5, life / 6) - 0.001)
    assert ask(world, tokens, issuer.fetch, life / 1000) == "token-2"
    world.pass_time(min(5, life / 6) / 2)
    with pytest.raises(ConnectFailed):
        ask(world, tokens, issuer.fetch, min(0.5, life / 100))


def test_ten_minutes_cost_five_tokens() -> None:
    """Asking every second for ten minutes at 180 s tokens makes at most six requests, with any jitter."""
    for chance in (0.0, 0.5, 0.999):
        world, tokens, issuer = World(), cache(chance), Issuer()
        for _ in range(600):
            ask(world, tokens, issuer.fetch)
            world.pass_time(1.0)
        assert issuer.fetches <= 6


@given(st.floats(0, 1, exclude_max=True), st.floats(1, 86_400))
def test_the_jitter_is_five_percent_either_way(chance: float, life: float) -> None:
    """The early renewal lies within 5 % of two thirds of the life."""
    for share, fetches in ((0.63, 1), (0.71, 2)):
        world, tokens, issuer = World(), TokenCache(lambda: chance), Issuer(life)
        ask(world, tokens, issuer.fetch)
        world.pass_time(life * share)
        ask(world, tokens, issuer.fetch)
        assert issuer.fetches == fetches


def test_others_use_the_old_token_while_one_renews() -> None:
    """During an early renewal nobody else waits, and afterwards everybody has the new token."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    ask(world, tokens, issuer.fetch)
    world.pass_time(130)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    assert ask(world, tokens, issuer.fetch) == "token-1"
    assert text(leader.finish()) == "token-2"
    assert ask(world, tokens, issuer.fetch) == "token-2"
    assert issuer.fetches == 2


def test_a_failed_early_renewal_keeps_the_token_and_backs_off(caplog: pytest.LogCaptureFixture) -> None:
    """With the issuer down no call fails while the token lives; tries come at 1, 2 ... 30 s, one warning."""
    world, tokens, issuer = World(), cache(), Issuer(3600)
    ask(world, tokens, issuer.fetch)
    world.pass_time(2500)
    issuer.failure = lambda: ServerError("down", status=503)
    tried: list[float] = []
    for _ in range(10_000):
        before = issuer.fetches
        assert ask(world, tokens, issuer.fetch) == "token-1"
        if issuer.fetches > before:
            tried.append(world.monotonic)
        world.pass_time(0.1)
    gaps = [round(later - earlier, 1) for earlier, later in itertools.pairwise(tried)]
    assert gaps[:6] == pytest.approx([1, 2, 4, 8, 16, 30], abs=0.15)
    assert gaps[6:] == pytest.approx([30] * len(gaps[6:]), abs=0.15)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    issuer.failure = None
    world.pass_time(31)
    assert ask(world, tokens, issuer.fetch) != "token-1"


def test_an_outage_of_a_minute_with_time_left_fails_no_call() -> None:
    """The issuer is silent for 60 s while the token has 100 s left: every call gets a token in time."""
    world, tokens, issuer = World(), cache(), Issuer()
    ask(world, tokens, issuer.fetch)
    world.pass_time(80)
    issuer.takes = 60.0
    waited = 0.0
    for second in range(100):
        if second == 60:
            issuer.takes = 0.0
        before = world.monotonic
        ask(world, tokens, issuer.fetch, 10)
        waited = max(waited, world.monotonic - before)
        world.pass_time(max(0.0, 1.0 - (world.monotonic - before)))
    assert waited <= 3.0
    assert issuer.fetches < 10


def test_the_failure_is_told_and_remembered_when_no_token_is_left() -> None:
    """Without any token the caller gets the issuer's error; the next one waits a little, then asks again."""
    world, tokens, issuer = World(), cache(), Issuer()
    issuer.failure = lambda: ConnectFailed("down")
    with pytest.raises(ConnectFailed) as first:
        ask(world, tokens, issuer.fetch)
    with pytest.raises(ConnectFailed) as second:
        ask(world, tokens, issuer.fetch, patience=0.5)
    assert issuer.fetches == 1
    assert world.sleeps == []
    assert first.value is not second.value
    issuer.failure = None
    assert ask(world, tokens, issuer.fetch) == "token-2"
    assert world.sleeps == [1.0]


def test_waits_without_a_token_stay_short_and_start_anew() -> None:
    """With no token the pause grows to five seconds only, and after a success it begins at one again."""
    world, tokens, issuer = World(), cache(), Issuer()
    for expected in (1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 1.0, 2.0):
        issuer.failure = lambda: ConnectFailed("down")
        if expected == 1.0 and world.sleeps:
            issuer.failure = None
            ask(world, tokens, issuer.fetch)
            issuer.failure = lambda: ConnectFailed("down")
            world.pass_time(178)
        with pytest.raises(ConnectFailed):
            ask(world, tokens, issuer.fetch, 60)
        before = issuer.fetches
        with pytest.raises(ConnectFailed):
            ask(world, tokens, issuer.fetch, expected - 0.01)
        assert issuer.fetches == before
        assert tokens._hold(early=False) == expected


def test_the_issuer_is_not_asked_before_it_said() -> None:
    """A wait the issuer asked for is kept, beyond our own backoff, early and late."""
    world, tokens, issuer = World(), cache(), Issuer()

    def busy() -> IssuerError:
        error = IssuerError("busy")
        error.retry_after = 40.0
        return error

    issuer.failure = busy
    with pytest.raises(IssuerError):
        ask(world, tokens, issuer.fetch)
    issuer.failure = None
    with pytest.raises(IssuerError):
        ask(world, tokens, issuer.fetch)
    assert ask(world, tokens, issuer.fetch, patience=60) == "token-2"
    assert world.sleeps == [40.0]


def test_a_refusal_stands_for_twenty_seconds() -> None:
    """Refused credentials cost at most three requests a minute, however often they are used."""
    world, tokens, issuer = World(), cache(), Issuer()
    issuer.failure = lambda: AuthError("invalid_client")
    for _ in range(600):
        with pytest.raises(AuthError, match="invalid_client"):
            ask(world, tokens, issuer.fetch)
        world.pass_time(0.1)
    assert issuer.fetches == 3
    assert world.sleeps == []
    issuer.failure = None
    world.pass_time(20)
    assert ask(world, tokens, issuer.fetch) == "token-4"


def test_a_refused_renewal_does_not_take_the_good_token_away() -> None:
    """When the credentials are refused early, the token in hand is used to its end."""
    world, tokens, issuer = World(), cache(), Issuer()
    ask(world, tokens, issuer.fetch)
    issuer.failure = lambda: AuthError("invalid_client")
    for _ in range(174):
        assert ask(world, tokens, issuer.fetch) == "token-1"
        world.pass_time(1)
    assert issuer.fetches <= 1 + 3
    world.pass_time(1)
    with pytest.raises(AuthError):
        ask(world, tokens, issuer.fetch)


def test_a_burst_of_401s_costs_one_token() -> None:
    """Five hundred calls refused with one token lead to one fetch, also when late ones come after it."""
    world, tokens, issuer = World(), cache(), Issuer()
    old = world.run(tokens.token(issuer.fetch, math.inf))
    assert all(tokens.invalidate(old.secret) for _ in range(250))
    assert ask(world, tokens, issuer.fetch) == "token-2"
    assert all(tokens.invalidate(Secret("token-1")) for _ in range(250))
    assert {ask(world, tokens, issuer.fetch) for _ in range(500)} == {"token-2"}
    assert issuer.fetches == 2


def test_tokens_refused_as_they_come_are_not_replaced_for_ever() -> None:
    """A venue that refuses every token gets at most three new ones a minute."""
    world, tokens, issuer = World(), cache(), Issuer()
    again = 0
    for _ in range(590):
        token = world.run(tokens.token(issuer.fetch, world.monotonic + 15))
        again += tokens.invalidate(token.secret)
        world.pass_time(0.1)
    assert again == 3
    assert issuer.fetches == 4
    world.pass_time(2)
    assert tokens.invalidate(world.run(tokens.token(issuer.fetch, math.inf)).secret)


def test_a_token_refused_during_its_renewal_is_not_used_again() -> None:
    """After a 401 in the middle of an early renewal, callers wait for the new token."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    ask(world, tokens, issuer.fetch)
    world.pass_time(130)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    tokens.invalidate(Secret("token-1"))
    waiter = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Wait)
    leader.finish()
    assert text(waiter.finish()) == "token-2"


def test_a_flight_cannot_be_cancelled_and_lands_once() -> None:
    """Nobody who waits can take the result from the others, and a late result changes nothing."""
    flight: Flight[int] = Flight()
    assert not flight._future.cancel()
    flight.land(1)
    flight.land(2)
    flight.crash(ValueError())
    assert flight.done
    assert flight.wait(0) == 1


def test_a_cancelled_leader_hands_over() -> None:
    """When the leader is closed, one waiter fetches and the others wait for that one."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    waiters = [Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Wait) for _ in range(5)]
    leader.flow.close()
    waiters[0].until(Sleep)
    for waiter in waiters[1:]:
        waiter.step()
        waiter.step()
        assert isinstance(waiter.effect, Wait)
    assert {text(waiter.finish()) for waiter in waiters} == {"token-2"}
    assert issuer.fetches == 2


def test_a_leader_lost_to_the_garbage_collector_hands_over() -> None:
    """A flow that is dropped without being closed does not leave its waiters behind."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    waiter = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Wait)
    del leader
    gc.collect()
    assert text(waiter.finish()) == "token-2"


def test_a_leader_that_hangs_for_good_is_given_up() -> None:
    """A leader of a stopped loop is replaced after its deadline, and its late token changes nothing."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    stuck = Running(world, tokens.token(issuer.fetch, world.monotonic + 2)).until(Sleep)
    patient = tokens.token(issuer.fetch, world.monotonic + 60)
    start = world.monotonic
    assert text(world.run(patient)) == "token-2"
    assert world.monotonic - start < 10
    stuck.finish()
    assert ask(world, tokens, issuer.fetch) == "token-2"


def test_a_leader_in_a_hurry_does_not_fail_the_patient() -> None:
    """When the leader's own deadline ends the fetch, those who can wait longer take over."""
    world, tokens, issuer = World(), cache(), Issuer(takes=2.0)
    hasty = Running(world, tokens.token(issuer.fetch, world.monotonic + 0.5)).until(Sleep)
    patient = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Wait)
    with pytest.raises(TimedOut):
        hasty.finish()
    assert text(patient.finish()) == "token-2"


def test_a_waiter_keeps_its_own_deadline() -> None:
    """Whoever waits for another's fetch gives up at its own deadline, and says the call was never sent."""
    world, tokens, issuer = World(), cache(), Issuer(takes=10.0)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 30)).until(Sleep)
    start = world.monotonic
    with pytest.raises(TimedOut) as caught:
        ask(world, tokens, issuer.fetch, patience=2)
    assert world.monotonic - start == pytest.approx(2)
    assert not caught.value.maybe_executed
    assert text(leader.finish()) == "token-1"


def test_an_early_renewal_holds_its_caller_up_for_three_seconds_at_most() -> None:
    """The caller that renews early gets the old token when the issuer is slow."""
    world, tokens, issuer = World(), cache(), Issuer()
    ask(world, tokens, issuer.fetch)
    world.pass_time(130)
    issuer.takes = 100.0
    start = world.monotonic
    assert ask(world, tokens, issuer.fetch, patience=30) == "token-1"
    assert world.monotonic - start == pytest.approx(3)
    world.pass_time(2)
    start = world.monotonic
    assert ask(world, tokens, issuer.fetch, patience=1) == "token-1"
    assert world.monotonic - start == pytest.approx(0.5)


def test_waiters_get_an_error_each() -> None:
    """The failure of a fetch is raised from every waiter as a copy, fields included, without a traceback."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    issuer.failure = lambda: ServerError("down", status=503, code=14, retry_after=2.0)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    waiters = [Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Wait) for _ in range(3)]
    errors: list[PolyspecError] = []
    flight = leader_flight(tokens)
    for flow in (leader, *waiters):
        with pytest.raises(ServerError) as caught:
            flow.finish()
        errors.append(caught.value)
        held = flight._future.exception(0)
        assert held is not None
        assert flow is not leader or held.__traceback__ is None
    assert len({id(error) for error in errors}) == 4
    assert {str(error) for error in errors} == {"503 down, code 14, retry after 2 s"}


def test_a_broken_fetch_is_everybodys_own_business() -> None:
    """An error that is none of ours reaches the leader only; others fetch themselves."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    issuer.failure = lambda: RuntimeError("a bug")
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    waiter = Running(world, tokens.token(Issuer().fetch, world.monotonic + 15)).until(Wait)
    with pytest.raises(RuntimeError):
        leader.finish()
    assert text(waiter.finish()) == "token-1"


def test_a_jump_of_the_wall_clock_changes_nothing() -> None:
    """Ages come from the monotonic clock alone."""
    world, tokens, issuer = World(), cache(), Issuer()
    ask(world, tokens, issuer.fetch)
    for jump in (3600.0, -7200.0, 1e9):
        world.wall += jump
        assert ask(world, tokens, issuer.fetch) == "token-1"


def test_two_hundred_threads_make_one_fetch() -> None:
    """All threads that ask at once get the one token of one fetch."""
    tokens, issuer = cache(), Issuer(takes=0.05)
    work = lambda: text(in_thread(tokens.token(issuer.fetch, time.monotonic() + 15)))  # noqa: E731
    assert set(together([work] * 200)) == {"token-1"}
    assert (issuer.fetches, issuer.most_at_once) == (1, 1)


def _loop_of(tokens: TokenCache, issuer: Issuer, count: int) -> set[str]:
    async def everybody() -> set[str]:
        flows = (in_task(tokens.token(issuer.fetch, time.monotonic() + 15)) for _ in range(count))
        return {text(token) for token in await asyncio.gather(*flows)}

    return asyncio.run(everybody())


def test_two_loops_and_threads_make_one_fetch() -> None:
    """A thousand tasks in two event loops and some threads share one fetch, whoever leads it."""
    for _ in range(3):
        tokens, issuer = cache(), Issuer(takes=0.05)
        works: list[Callable[[], Any]] = [lambda: _loop_of(tokens, issuer, 500)] * 2  # noqa: B023
        works += [lambda: {text(in_thread(tokens.token(issuer.fetch, time.monotonic() + 15)))}] * 20  # noqa: B023
        assert together(works) == [{"token-1"}] * 22
        assert (issuer.fetches, issuer.most_at_once) == (1, 1)


def test_a_cancelled_task_leaves_the_others_their_token() -> None:
    """Cancelling waiters, however many, does not cancel the fetch or anybody else's wait."""

    async def scene() -> None:
        tokens, issuer = cache(), Issuer(takes=0.05)
        tasks = [
            asyncio.create_task(in_task(tokens.token(issuer.fetch, time.monotonic() + 15))) for _ in range(50)
        ]
        await asyncio.sleep(0.01)
        for task in tasks[1:40]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results[1:40])
        rest = [result for result in (results[0], *results[40:]) if isinstance(result, Token)]
        assert len(rest) == 11
        assert issuer.fetches == 1

    asyncio.run(scene())


def test_a_cancelled_leading_task_hands_over() -> None:
    """When the task that fetches is cancelled, one other fetches and all the rest get that token."""

    async def scene() -> None:
        tokens, issuer = cache(), Issuer(takes=0.05)
        tasks = [
            asyncio.create_task(in_task(tokens.token(issuer.fetch, time.monotonic() + 15))) for _ in range(50)
        ]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        results = await asyncio.gather(*tasks[1:])
        assert {text(result) for result in results} == {"token-2"}
        assert (issuer.fetches, issuer.most_at_once) == (2, 1)

    asyncio.run(scene())


def test_a_loop_that_ends_while_leading_hands_over_to_a_thread() -> None:
    """A thread that waits for a fetch of an event loop takes over when that loop is shut down."""
    tokens, issuer = cache(), Issuer(takes=0.3)

    async def short_lived() -> None:
        asyncio.create_task(in_task(tokens.token(issuer.fetch, time.monotonic() + 15)))  # noqa: RUF006
        await asyncio.sleep(0.02)
        leading.set()
        await asyncio.sleep(0.05)

    leading = threading.Event()
    loop = threading.Thread(target=lambda: asyncio.run(short_lived()))
    loop.start()
    leading.wait(5)
    assert text(in_thread(tokens.token(issuer.fetch, time.monotonic() + 15))) == "token-2"
    loop.join(5)


def test_readers_never_see_a_torn_token() -> None:
    """Under constant renewal each token handed out has the birth that belongs to it."""
    tokens = cache()
    births: dict[str, float] = {}

    def fetch(deadline: float) -> Flow[Token]:
        now: Instant = yield Now()
        name = f"t{len(births)}"
        births[name] = now.monotonic
        return Token(Secret(name), now.monotonic, 0.01)

    def read() -> bool:
        found = [in_thread(tokens.token(fetch, time.monotonic() + 15)) for _ in range(300)]
        return all(births[text(token)] == token.born for token in found)

    assert together([read] * 10) == [True] * 10


def test_caches_are_shared_by_identity() -> None:
    """Equal credentials share one cache in this process; any different part means another."""
    one = shared_cache(("https://a", "client", "aud", "sha256:1"), lambda: 0.5)
    assert shared_cache(("https://a", "client", "aud", "sha256:1"), lambda: 0.1) is one
    for other in (("https://b", "client", "aud", "sha256:1"), ("https://a", "client", "aud", "sha256:2")):
        assert shared_cache(other, lambda: 0.5) is not one
    for number in range(300):
        shared_cache(("many", number), lambda: 0.5)
    assert shared_cache(("many", 299), lambda: 0.5) is shared_cache(("many", 299), lambda: 0.5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
def test_a_forked_child_does_not_wait_for_its_parent() -> None:
    """In a child of fork a flight of the parent, and its lock, hold nobody up."""
    world, tokens, issuer = World(), cache(), Issuer(takes=1.0)
    leader = Running(world, tokens.token(issuer.fetch, world.monotonic + 15)).until(Sleep)
    start = world.monotonic
    with tokens._lock:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                assert ask(world, tokens, Issuer().fetch) == "token-1"
                assert world.monotonic == start
                code = 0
            finally:
                os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    leader.flow.close()


@pytest.mark.parametrize(
    ("said", "life"),
    [
        (None, 180),
        (180, 180),
        (1, 1),
        (3600, 3600),
        (0.5, 0.5),
        ("180", 180),
        (86_401, 86_400),
        (10**400, 86_400),
        (1e300, 86_400),
        (math.inf, 86_400),
    ],
)
def test_lifetimes_that_make_sense(said: Any, life: float) -> None:
    """Any positive number of seconds is taken, a day at most; nothing said means 180."""
    assert lifetime(said) == life


@pytest.mark.parametrize(
    "said", [0, -1, -0.0, math.nan, -math.inf, True, False, "", "abc", "-5", "1e3", "²", [], {}]
)
def test_lifetimes_that_make_none(said: Any) -> None:
    """Zero, negative numbers, booleans, texts and NaN are refused with the reason."""
    with pytest.raises(DecodeError, match="expires_in must be"):
        lifetime(said)
