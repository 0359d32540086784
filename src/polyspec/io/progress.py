"""Show how far a download is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from polyspec.errors import ConfigError

__all__ = ["Progress", "shown"]

Progress: TypeAlias = Callable[[int], None] | bool
"""Told the bytes written so far; True draws a bar on stderr (needs rich, of the `cli` extra)."""


@contextmanager
def shown(progress: Progress, name: str) -> Iterator[Callable[[int], None] | None]:
    """Yield what is to be told the bytes written so far, if anything is."""
    if progress is not True:
        yield progress or None
        return
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            FileSizeColumn,
            TextColumn,
            TimeElapsedColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bar
    except ModuleNotFoundError as error:
        raise ConfigError("a progress bar needs rich: pip install 'polyspec[cli]'") from error
    columns = (TextColumn("{task.description}"), BarColumn(), FileSizeColumn(), TransferSpeedColumn())
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        # the venue does not say how long a report will be: the bar moves, but cannot promise an end
        task = bar.add_task(name, total=None)
        yield lambda size: bar.update(task, completed=size)
