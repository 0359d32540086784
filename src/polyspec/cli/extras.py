"""What a command says when a library is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from polyspec.errors import ConfigError

__all__ = ["needing"]


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Say which extra brings a library that is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in {"polyspec", "polyspec_wire"}:
            raise
        raise ConfigError(f"this command needs {error.name}: pip install 'polyspec[{extra}]'") from error
