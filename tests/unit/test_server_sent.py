"""Server-sent events: cut as the standard has it, wherever the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyspec.core.streams.server_sent import Parser, ServerSent
from polyspec.errors import DecodeError

_TEXT = b'event: price\r\ndata: {"a":\r\ndata: 1}\r\nid: 7\r\n\r\n: beat\n\ndata:bare\r\r\n\nretry: 5\n\n'
_EVENTS = [
    ServerSent("price", b'{"a":\n1}', "7"),
    ServerSent("message", b"", "7"),
    ServerSent("message", b"bare", "7"),
    ServerSent("message", b"", "7"),
]


def test_events_are_cut_at_empty_lines() -> None:
    """Fields, comments, all three line ends, data of several lines; the last id stays."""
    assert Parser().feed(_TEXT) == _EVENTS


@given(st.lists(st.integers(0, len(_TEXT)), max_size=12))
def test_where_bytes_are_cut_makes_no_difference(cuts: list[int]) -> None:
    """The same events come of the same bytes, whatever pieces they come in."""
    places = [0, *sorted(cuts), len(_TEXT)]
    parser = Parser()
    found = [event for start, end in pairwise(places) for event in parser.feed(_TEXT[start:end])]
    assert found == _EVENTS


@pytest.mark.parametrize("chunk", [b"x" * 30, b"data: x\n" * 5])
def test_an_event_without_end_is_refused(chunk: bytes) -> None:
    """What never ends is not gathered for ever."""
    with pytest.raises(DecodeError, match="more than 20 bytes"):
        Parser(20).feed(chunk)
