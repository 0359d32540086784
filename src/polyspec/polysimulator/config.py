"""Where a PolySimulator client connects, and how it behaves."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import Factory, evolve, field, frozen

from polyspec.core.address import is_safe_address
from polyspec.core.secret import Secret, SecretHeaders
from polyspec.core.sending import Patience
from polyspec.core.typed import decoder
from polyspec.errors import ConfigError
from polyspec.io.options import HttpOptions
from polyspec.limits import Pacing, shared_from

__all__ = ["HOST", "PolySimulatorSettings", "PolySimulatorSurroundings", "checked_url", "documented"]

HOST: Final = "https://api.polysimulator.com"
TIERS: Final = ("free", "pro", "pro_plus", "enterprise")
# What a header can carry; the venue's edge turns away what Python's own library calls itself.
_AGENT: Final = re.compile(r"(?!python-urllib)[\x21-\x7e][\x20-\x7e]*", re.IGNORECASE)


@frozen
class PolySimulatorSettings:
    """How a client behaves; the defaults suit one bot."""

    tier: str | None = None
    """Which of the venue's plans the key has: free, pro, pro_plus or enterprise. None starts as the lowest
    and learns it from the first answer."""
    rates: tuple[int, int] | None = None
    """Requests a second and a minute to keep to, whatever the venue says. None takes its word."""
    pacing: Pacing = True
    """Hold requests back to stay under the limits; `Shared` counts together with other processes."""
    serialise: bool = True
    """Send one order or cancel at a time: the venue works on one per account, and refuses one that waits."""
    patience: Patience = Factory(Patience)
    max_attempts: int = 5
    settle_window: float = 5.0
    """Seconds after which an order that was sent and is nowhere to be seen can no longer appear."""
    resend: bool = True
    """Send an order whose answer was lost again, as the identical bytes with the same id: the venue then
    answers what became of the first."""
    user_agent: str = "polyspec"
    """What the client calls itself; the venue's edge refuses what Python's urllib does."""
    http: HttpOptions = Factory(HttpOptions)

    def __attrs_post_init__(self) -> None:
        if self.tier is not None and self.tier not in TIERS:
            raise ConfigError(f"tier {self.tier!r} is none of {', '.join(TIERS)}")
        if self.rates is not None:
            _check_rates(self.rates)
        if self.max_attempts < 1:
            raise ConfigError("max_attempts must be 1 or more")
        # a window that is no number would make every order look absent at once
        if not (math.isfinite(self.settle_window) and self.settle_window >= 0):
            raise ConfigError(
                f"settle_window must be a number of seconds, 0 or more, not {self.settle_window!r}"
            )
        if not _AGENT.fullmatch(self.user_agent):
            raise ConfigError(
                f"user_agent must be a printable name other than Python-urllib, not {self.user_agent!r}"
            )


def _check_rates(rates: object) -> None:
    if (
        not isinstance(rates, tuple)
        or len(rates) != 2
        or not all(type(each) is int and 0 < each <= 100_000 for each in rates)
    ):
        raise ConfigError(f"rates must be two whole numbers, requests a second and a minute, not {rates!r}")


def checked_url(base_url: str) -> str:
    """Return the address of a venue without a last slash or ``/v1``; ConfigError if it cannot be trusted.

    Paths carry the version; some of the venue's own examples write it into the address as well.
    """
    # paths are put behind it: behind a question mark they would lead nowhere
    if not is_safe_address(base_url) or not base_url.isprintable() or "?" in base_url or "#" in base_url:
        # what is in front of an @ is not for everybody to see, nor what is asked
        shown = re.sub(r"[?#].*", "?...", re.sub(r"[^/'\"]*@", "...@", repr(base_url)))
        raise ConfigError(
            f"base_url must be an https address without credentials and without ? or #, not {shown} "
            "(http is taken for this machine only)"
        )
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/")


@frozen
class PolySimulatorSurroundings:
    """What the process environment says about PolySimulator."""

    base_url: str
    api_key: Secret | None
    access_token: Secret | None
    settings: PolySimulatorSettings = field(factory=PolySimulatorSettings)

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> PolySimulatorSurroundings:
        """Read the documented variables; ``POLYSPEC_SANDBOX`` wins over all others.

        ``POLYSIM_API_KEY`` and ``POLYSIM_BASE_URL``, the names the venue's own tools use, count where ours
        are not set. Raises ConfigError that names what is wrong, and shows no secret.
        """
        variables = documented(variables)
        line = _hidden(variables, "POLYSPEC_SANDBOX")
        if line is not None:
            return cls._of_sandbox(line, shared_from(variables))
        return cls(
            base_url=checked_url(
                _text(variables, "POLYSPEC_POLYSIMULATOR_BASE_URL", "POLYSIM_BASE_URL") or HOST
            ),
            api_key=_hidden(variables, "POLYSPEC_POLYSIMULATOR_API_KEY", "POLYSIM_API_KEY"),
            access_token=_hidden(variables, "POLYSPEC_POLYSIMULATOR_ACCESS_TOKEN"),
            settings=PolySimulatorSettings(pacing=shared_from(variables)),
        )

    @classmethod
    def _of_sandbox(cls, text: Secret, pacing: Pacing) -> PolySimulatorSurroundings:
        found = _read_line(text)
        if isinstance(found, str):
            raise ConfigError(found)
        return evolve(found, settings=evolve(found.settings, pacing=pacing))


def documented(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Keep the variables that are ours, shown by their names only.

    An error on the way from here must not carry the environment of the process in its traceback.
    """
    if isinstance(variables, SecretHeaders):
        return variables
    ours = ("POLYSPEC_", "POLYSIM_")
    return SecretHeaders({name: value for name, value in variables.items() if name.startswith(ours)})


def _text(variables: Mapping[str, str], *names: str) -> str | None:
    return next((text for name in names if (text := variables.get(name, "").strip())), None)


def _hidden(variables: Mapping[str, str], *names: str) -> Secret | None:
    return next((Secret(variables[name].strip()) for name in names if _text(variables, name)), None)


class _SandboxVenue(msgspec.Struct):
    rest: str
    api_key: str
    supabase_jwt: str | None = None
    ca: str | None = None

    def __repr__(self) -> str:
        return f"<the PolySimulator of a sandbox at {self.rest}>"


class _Line(msgspec.Struct):
    polysimulator: _SandboxVenue | None = None


def _read_line(text: Secret) -> PolySimulatorSurroundings | str:
    """Read the line; what is wrong is returned, for a traceback would hold the keys."""
    try:
        found = decoder(_Line).decode(text.reveal()).polysimulator
    except (msgspec.DecodeError, UnicodeError):
        return "POLYSPEC_SANDBOX is not the line that `polyspec sandbox` prints"
    if found is None:
        return "the sandbox POLYSPEC_SANDBOX describes serves no PolySimulator"
    try:
        return PolySimulatorSurroundings(
            base_url=checked_url(found.rest),
            api_key=Secret(found.api_key),
            access_token=None if found.supabase_jwt is None else Secret(found.supabase_jwt),
            settings=PolySimulatorSettings(http=HttpOptions(verify=found.ca or True)),
        )
    except ConfigError as error:
        return str(error)
