"""Games of several sports that one seed plays, told on the sports channel.

Every frame is the whole state of a game. Documents and observations disagree on the names of its fields, so
which of them are used is an option.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from polyspec.sandbox.http.clock import Clock, from_ns
from polyspec.sandbox.http.jobs import Jobs
from polyspec.sandbox.http.seeded import Seeded
from polyspec.sandbox.http.sockets import Frame, Hub

if TYPE_CHECKING:
    from polyspec.sandbox.clob.options import ClobOptions

__all__ = ["BEAT", "Game", "Games"]

_PAUSE: Final = 1.0
"""Seconds between two moves."""
BEAT: Final = "ping"
"""Posted when it is time for a sign of life."""


@dataclass(frozen=True)
class _Sport:
    """How a game of a league goes."""

    league: str
    home: str
    away: str
    periods: tuple[str, ...]
    minutes: int
    """Of a period."""
    points: tuple[int, ...]
    """What one score may be worth."""
    words: tuple[str, str]
    """The status while it is played, and at its end."""
    ball: bool = False
    """Whether it is told who has the ball."""


_SPORTS: Final = (
    _Sport(
        "nfl", "LAC", "BUF", ("Q1", "Q2", "Q3", "Q4"), 15, (2, 3, 6, 7), ("InProgress", "Final"), ball=True
    ),
    _Sport("nba", "BOS", "LAL", ("1Q", "2Q", "3Q", "4Q"), 12, (1, 2, 3), ("InProgress", "Final")),
    _Sport("epl", "MCI", "LIV", ("1H", "2H"), 45, (1,), ("InProgress", "Final")),
    _Sport("cs2", "ARCRED", "The glecs", ("1/3", "2/3", "3/3"), 0, (1,), ("running", "finished")),
)
_FIRST: Final = 19_439
"""The number of the first game."""


@dataclass(kw_only=True)
class Game:
    """One game as it stands; whoever changes it tells it."""

    id: int
    sport: _Sport
    day: str
    scores: list[int] = field(default_factory=lambda: [0, 0])
    period: str
    minute: int = 0
    status: str
    ended: bool = False
    finished: str | None = None
    turn: int = 0
    score: str | None = None
    """What is told in the place of the two scores."""

    def told(self, fields: str, now: str) -> dict[str, Any]:
        """Return the frame with the fields of one of the sources."""
        sport = self.sport
        score = self.score or f"{self.scores[0]}-{self.scores[1]}"
        if sport.league == "cs2" and self.score is None:
            score = f"000-000|{score}|Bo3"
        told: dict[str, Any] = {
            "live": not self.ended,
            "ended": self.ended,
            "score": score,
            "period": self.period,
        }
        if sport.minutes:
            told["elapsed"] = f"{self.minute}:00"
        if sport.ball:
            told["turn"] = (sport.home, sport.away)[self.turn].lower()
        if self.finished is not None:
            told["finished_timestamp"] = self.finished
        slug = f"{sport.league}-{sport.home}-{sport.away}-{self.day}".lower().replace(" ", "-")
        if fields == "schema":
            return {"slug": slug, "last_update": now, **told}
        names = {"leagueAbbreviation": sport.league, "homeTeam": sport.home, "awayTeam": sport.away}
        told = {**names, "status": self.status, **told}
        if fields == "observed":
            if self.finished is not None:
                told["finishedTimestamp"] = told.pop("finished_timestamp")
            return {"metadataGameId": str(self.id), **told}
        return {"gameId": self.id, "slug": slug, **told}


class Games:
    """All games, and whoever listens."""

    def __init__(self, clock: Clock, jobs: Jobs, options: ClobOptions) -> None:
        self.hub: Hub[Frame] = Hub()
        self._clock = clock
        self._jobs = jobs
        self._fields = options.sports_fields
        self._seeded = Seeded(options.seed or 0, "clob/games")
        self._number = _FIRST
        self.all: dict[int, Game] = {}
        for sport in _SPORTS:
            self._begin(sport)

    def start(self) -> None:
        """Play from now on."""
        self._jobs.later(_PAUSE, self._act)

    def _act(self) -> None:
        self.step()
        self._jobs.later(_PAUSE, self._act)

    def step(self) -> None:
        """Let something happen in one of the games, and tell it."""
        for over in [each for each in self.all.values() if each.ended]:
            # there is always something on
            del self.all[over.id]
            self._begin(over.sport)
        playing = list(self.all.values())
        game = playing[self._seeded.below(len(playing))]
        if self._seeded.below(3) == 0:
            self._pass_time(game)
        else:
            points, side = game.sport.points, self._seeded.below(2)
            game.scores[side] += points[self._seeded.below(len(points))]
            game.turn = 1 - side
        self.tell(game)

    def end(self, game: Game) -> None:
        """End a game."""
        game.ended, game.status, game.finished = True, game.sport.words[1], self._now()

    def tell(self, game: Game) -> None:
        """Tell everybody how a game stands."""
        self.hub.post([self.told(game)])

    def told(self, game: Game) -> dict[str, Any]:
        """Return the frame of a game."""
        return game.told(self._fields, self._now())

    def _pass_time(self, game: Game) -> None:
        periods = game.sport.periods
        # a test may have named a period of its own
        place = periods.index(game.period) if game.period in periods else len(periods) - 1
        if place + 1 == len(periods):
            self.end(game)
        else:
            game.period, game.minute = periods[place + 1], 0

    def _begin(self, sport: _Sport) -> None:
        day = from_ns(self._clock.now_ns()).date().isoformat()
        self.all[self._number] = Game(
            id=self._number, sport=sport, day=day, period=sport.periods[0], status=sport.words[0]
        )
        self._number += 1

    def _now(self) -> str:
        return from_ns(self._clock.now_ns()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
