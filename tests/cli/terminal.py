"""Commands as a terminal would run them, and what they leave behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polyspec.cli import main

__all__ = ["CLEAN", "Terminal", "one_sentence", "recorded"]

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("POLYSPEC_", "POLYSIM_"))}
"""The environment without anything that speaks of venues."""


class Terminal:
    """Commands run in this process, for whom a sandbox is what there is."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sandbox: str
    ) -> None:
        self._capsys = capsys
        for name in os.environ.keys() - CLEAN.keys():
            monkeypatch.delenv(name)
        monkeypatch.setenv("POLYSPEC_SANDBOX", sandbox)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit status and what was printed on both streams."""
        status = main(list(arguments))
        return status, *self._capsys.readouterr()

    def watched(
        self, venue: str, *arguments: str, until: Callable[[], Any], number: int = signal.SIGINT
    ) -> tuple[int, list[str], str]:
        """Watch while `until` goes on in another thread, then press Ctrl-C, or send another signal."""
        wrong: list[BaseException] = []

        def press() -> None:
            try:
                until()
            except BaseException as error:
                wrong.append(error)
            os.kill(os.getpid(), number)

        thread = threading.Thread(target=press)
        thread.start()
        status, out, err = self.run("watch", venue, *arguments)
        thread.join()
        if wrong:
            raise wrong[0]
        return status, out.splitlines(), err


def one_sentence(text: str) -> bool:
    """Tell whether an error is a sentence and no traceback."""
    return text.startswith("polyspec: ") and len(text.splitlines()) == 1 and "Traceback" not in text


def recorded(path: Path, *words: str, patience: float = 10.0) -> None:
    """Wait until all of these are in a recording, each after the one before."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        text, place = path.read_text() if path.exists() else "", 0
        for word in words:
            place = text.find(word, place) + 1
            if not place:
                break
        else:
            return
        time.sleep(0.01)
    raise AssertionError(f"{words} did not come: {path.read_text()[-2000:]}")
