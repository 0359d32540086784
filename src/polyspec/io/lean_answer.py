"""Read answers off a connection of our own; the same for both colours."""

from __future__ import annotations

from typing import Final

from httptools import HttpParserError, HttpResponseParser

from polyspec.errors import TransportError
from polyspec.io.body import Body

__all__ = ["Incoming", "broken"]

# Bytes of a head, of trailers, or of whatever else is no body.
_MOST: Final = 65_536
_FIRST, _FINAL, _SWITCHING = 100, 200, 101
_NO_BODY: Final = frozenset({204, 304})

# The few names servers use come with every answer; strange ones are not worth keeping.
_names: Final[dict[bytes, str]] = {}
_MOST_NAMES: Final = 1000


def broken(what: str) -> TransportError:
    """Make the error for a connection that broke with a request on it."""
    return TransportError(f"the connection broke ({what}); the venue may have received the request")


def _name(raw: bytes) -> str:
    name = raw.decode("latin-1").lower()
    if len(_names) < _MOST_NAMES:
        _names[raw] = name
    return name


class Incoming:
    """The answers that come over one connection, one after the other."""

    __slots__ = (
        "_body",
        "_done",
        "_limit",
        "_loose",
        "_open_ended",
        "_parser",
        "_wrong",
        "headers",
        "keep",
        "status",
    )  # fmt: skip

    def __init__(self, limit: int) -> None:
        """Read bodies of up to `limit` bytes after unpacking."""
        self._limit = limit
        self._parser = HttpResponseParser(self)
        self.expect()

    def expect(self) -> None:
        """Get ready for the next answer."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.keep = False
        """Whether the connection can carry another request after this answer."""
        self._body: Body | None = None
        self._done = self._open_ended = False
        self._loose = 0
        # the parser puts an error of its own in place of those of callbacks
        self._wrong: BaseException | None = None

    def body(self) -> bytes:
        """Return the body of an answer that is complete."""
        return b"" if self._body is None else self._body.end()

    def feed(self, data: bytes) -> bool:
        """Take in what arrived and say whether the answer is complete now.

        Raises what is wrong with it: TransportError, DecodeError, or an error of the parser.
        """
        self._loose += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            if not self._done:
                raise self._wrong or error from None
            # the answer is good; what came behind it is none, or one that nobody asked for
            self.keep = False
        if not self._done and self._loose > _MOST:
            raise broken(f"more than {_MOST} bytes of an answer are neither its body nor the end of its head")
        return self._done

    def end(self) -> None:
        """Note that the server closed the connection; raises TransportError unless this ends the answer."""
        if not self._open_ended:
            raise broken("it was closed before the answer was complete")
        self._done = True

    def on_message_begin(self) -> None:
        """Refuse an answer nobody asked for: it must not take the place of the one before."""
        if self._done:
            raise broken("an answer came behind the answer")

    def on_header(self, raw: bytes, value: bytes) -> None:
        """Note a header, unless it comes behind the body."""
        if self.status:
            return
        try:
            name = _names[raw]
        except KeyError:
            name = _name(raw)
        headers, text = self.headers, value.decode("latin-1").rstrip(" \t")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text

    def on_headers_complete(self) -> None:
        """Find out how the body will come."""
        try:
            self._begin_body(self._parser.get_status_code())
        except BaseException as error:
            self._wrong = error
            raise

    def _begin_body(self, status: int) -> None:
        headers = self.headers
        if status < _FINAL:
            if status == _SWITCHING or status < _FIRST:
                raise broken(f"the server answered with status {status}, which nobody asked for")
            self.headers = {}
            return
        self.status = status
        if (coding := headers.get("transfer-encoding")) is not None:
            if coding.lower() != "chunked":
                raise broken("the answer has a transfer encoding that is not understood")
        elif "content-length" not in headers:
            self._open_ended = status not in _NO_BODY
        self._body = Body(headers.get("content-encoding", ""), self._limit)

    def on_body(self, chunk: bytes) -> None:
        """Keep a part of the body."""
        self._loose = 0
        assert self._body is not None
        try:
            self._body.add(chunk)
        except BaseException as error:
            self._wrong = error
            raise

    def on_message_complete(self) -> None:
        """Note that an answer is complete; interim ones are not what is waited for."""
        if self.status:
            self._done = True
            self.keep = self._parser.should_keep_alive()
