"""Whether websockets can be opened at all; asked before what opens them is imported."""

from __future__ import annotations

from typing import Final

from polyspec.errors import ConfigError

__all__ = ["OLDEST", "need_websockets"]

OLDEST: Final = 15
"""The first version of the library that takes all it is told here."""


def need_websockets(extra: str) -> None:
    """Raise ConfigError naming the extra that brings websockets, if they are missing or too old."""
    try:
        # not of what is installed: a program in one file brings libraries without a word about them
        from websockets.version import version
    except ImportError:
        raise ConfigError(f"streams need websockets: pip install 'polyspec[{extra}]'") from None
    if int(version.partition(".")[0]) < OLDEST:
        raise ConfigError(
            f"streams need websockets {OLDEST} or newer, not {version}: pip install -U 'polyspec[{extra}]'"
        )
