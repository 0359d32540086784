"""Canaries for secrets, and ears for everything a program says."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from polyspec.errors import PolyspecError

__all__ = ["Canaries", "Ears", "spellings_of"]

HERE = tuple(str(Path(__file__).parents[1] / each) for each in ("faults", "secrets"))
"""Where frames hold what the test itself has in its hands."""


class Canaries:
    """What must never be seen, in every spelling it could be seen in."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def add(self, name: str, secret: str) -> None:
        """Watch for a secret."""
        self._secrets[f"{name} {len(self._secrets)}"] = secret

    @property
    def names(self) -> list[str]:
        """What is watched for."""
        return list(self._secrets)

    def found(self, text: str) -> list[str]:
        """Return what of all secrets is in a text."""
        return [
            f"{name} as {spelling}"
            for name, secret in self._secrets.items()
            for spelling, shape in spellings_of(secret)
            if shape in text
        ]


def spellings_of(secret: str) -> Iterator[tuple[str, str]]:
    """Yield each spelling a secret could be seen in, and its name."""
    data = secret.encode()
    yield "itself", secret
    yield "repr", repr(secret)[1:-1]
    yield "hex", data.hex()
    yield "HEX", data.hex().upper()
    yield "percent-encoding", quote(secret, safe="")
    for shift in range(3):
        # the letters of base64 depend on where in a triple the secret begins; the edges mix with neighbours
        packed = base64.b64encode(b"x" * shift + data).decode().rstrip("=")[4 * (shift > 0) : -2]
        yield f"base64 at {shift}", packed
        yield f"base64url at {shift}", packed.replace("+", "-").replace("/", "_")


class Ears:
    """Everything that is said in a block: by loggers of all levels, on both screens, in errors."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self._handler = logging.StreamHandler(self.text)
        self._handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)r %(exc_text)s"))
        self._levels: dict[logging.Logger, int] = {}

    def __enter__(self) -> Ears:
        known = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
        for logger in (logging.root, *known):
            self._levels[logger] = logger.level
            logger.setLevel(1)
        logging.root.addHandler(self._handler)
        return self

    def __exit__(self, *_: object) -> None:
        logging.root.removeHandler(self._handler)
        for logger, level in self._levels.items():
            logger.setLevel(level)

    def error(self, error: BaseException) -> None:
        """Write down an error as a crash reporter would: the whole chain, with all locals of all frames."""
        seen: list[BaseException] = []
        waiting: list[BaseException | None] = [error]
        while waiting:
            each = waiting.pop()
            if each is None or any(each is one for one in seen):
                continue
            seen.append(each)
            waiting += [each.__cause__, each.__context__]
            shown = traceback.TracebackException.from_exception(each, capture_locals=True)
            # what the test itself holds in its hands is not given away by anybody
            shown.stack[:] = [frame for frame in shown.stack if not frame.filename.startswith(HERE)]
            shown.__cause__ = shown.__context__ = None
            self.text.write("".join(shown.format()))
            self.text.write(f"{each} {each!r} {each.args!r} {vars(each)!r} {getattr(each, '__notes__', '')}")
            self._frames(each)

    def _frames(self, error: BaseException) -> None:
        # a reporter that looks into the attributes of what it finds, not only at its repr
        frame = error.__traceback__
        while frame is not None:
            if not frame.tb_frame.f_code.co_filename.startswith(HERE):
                for name, value in frame.tb_frame.f_locals.items():
                    self.text.write(f"{name}={_deep(value)}\n")
            frame = frame.tb_next

    def hear(self, call: Callable[[], Any]) -> None:
        """Call, and write down how it ends."""
        try:
            result = call()
        except PolyspecError as error:
            self.error(error)
            self.text.write(repr(pickle.loads(pickle.dumps(error))))
        else:
            self.text.write(f"{result!r} {result}")


def _deep(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return repr([_deep(each) for each in value[:20]])
    return repr(value)
