"""Subscriptions to live data: right before they are sent, and written as the venue reads them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob.live_topics import LiveTopic, live_topics
from polyspec.errors import ConfigError


@pytest.mark.parametrize(
    ("topic", "sent", "key"),
    [
        (
            LiveTopic.crypto("BTCUSDT"),
            {"topic": "crypto_prices", "type": "*", "filters": '{"symbol":"btcusdt"}'},
            "crypto_prices:btcusdt",
        ),
        (LiveTopic.crypto(), {"topic": "crypto_prices", "type": "*"}, "crypto_prices"),
        (
            LiveTopic("crypto_prices", "update"),
            {"topic": "crypto_prices", "type": "update"},
            "crypto_prices/update",
        ),
        (
            LiveTopic.chainlink("ETH/USD"),
            {"topic": "crypto_prices_chainlink", "type": "*", "filters": '{"symbol":"eth/usd"}'},
            "crypto_prices_chainlink:eth/usd",
        ),
        (
            LiveTopic.twap("eth/usd", seconds=30),
            {"topic": "crypto_prices_twap_thirty", "type": "*", "filters": '{"symbol":"eth/usd"}'},
            "crypto_prices_twap_thirty:eth/usd",
        ),
        (LiveTopic.twap(), {"topic": "crypto_prices_twap_sixty", "type": "*"}, "crypto_prices_twap_sixty"),
        (
            LiveTopic.equity("AAPL"),
            {"topic": "equity_prices", "type": "*", "filters": '{"symbol":"aapl"}'},
            "equity_prices:aapl",
        ),
        (LiveTopic.comments(), {"topic": "comments", "type": "*"}, "comments"),
        (
            LiveTopic.comments(7, "Series", type="comment_created"),
            {
                "topic": "comments",
                "type": "comment_created",
                "filters": '{"parentEntityID":7,"parentEntityType":"Series"}',
            },
            'comments/comment_created:{"parentEntityID":7,"parentEntityType":"Series"}',
        ),
        (
            LiveTopic(wire.LiveTopicName.COMMENTS, filters='{ "parentEntityID": 7 }'),
            {"topic": "comments", "type": "*", "filters": '{"parentEntityID":7}'},
            'comments:{"parentEntityID":7}',
        ),
    ],
    ids=str,
)
def test_they_are_written_as_the_venue_reads_them(topic: LiveTopic, sent: Any, key: str) -> None:
    """Symbols in lower case, filters without a space, nothing that is not asked for."""
    assert msgspec.to_builtins(topic.asked) == sent
    assert topic.key == key
    assert topic == LiveTopic(topic.topic, topic.type, topic.symbol, topic.filters)
    assert live_topics(key) == {key: topic}


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: LiveTopic("weather"), "no topic"),
        (lambda: LiveTopic(""), "no topic"),
        (lambda: LiveTopic(5), "no topic"),  # type: ignore[arg-type]
        (lambda: LiveTopic("crypto_prices", "trades"), "type"),
        (lambda: LiveTopic("comments", "update"), "type"),
        (lambda: LiveTopic("comments", symbol="btcusdt"), "no symbol"),
        (lambda: LiveTopic("crypto_prices", filters="btcusdt,ethusdt"), "JSON object"),
        (lambda: LiveTopic("crypto_prices", filters='{"symbol":"btcusdt"}'), "by symbol"),
        (lambda: LiveTopic.crypto("btcusdt,ethusdt"), "one LiveTopic for each"),
        (lambda: LiveTopic.crypto("btc usdt"), "no symbol"),
        (lambda: LiveTopic.crypto(""), "no symbol"),
        (lambda: LiveTopic.crypto("x" * 65), "no symbol"),
        (lambda: LiveTopic.crypto("btc\x00"), "no symbol"),
        (lambda: LiveTopic.crypto(5), "no symbol"),  # type: ignore[arg-type]
        (lambda: LiveTopic.crypto("btc/usd"), "such as ethusdt"),
        (lambda: LiveTopic.chainlink("btcusdt"), "such as eth/usd"),
        (lambda: LiveTopic.twap("btcusdt"), "such as eth/usd"),
        (lambda: LiveTopic.twap("eth/usd", seconds=5), "30 or 60"),  # type: ignore[arg-type]
        (lambda: LiveTopic("comments", filters="[]"), "JSON object"),
        (lambda: LiveTopic("comments", filters="{}"), "JSON object"),
        (lambda: LiveTopic("comments", filters=5), "JSON object"),
        (lambda: LiveTopic("comments", filters={"a": object()}), "JSON object"),
        (lambda: live_topics(["comments", "weather"]), "no topic"),
        (lambda: live_topics("comments:7"), "JSON object"),
        (lambda: live_topics("comments/trades"), "type"),
        (lambda: live_topics("crypto_prices_chainlink:ethusdt"), "such as eth/usd"),
        (lambda: live_topics([5]), "LiveTopic"),  # type: ignore[list-item]
        (lambda: live_topics(5), "list of LiveTopic"),  # type: ignore[arg-type]
    ],
)
def test_what_the_venue_would_not_take_is_refused(make: Any, why: str) -> None:
    """With words that say what to do instead."""
    with pytest.raises(ConfigError, match=why):
        make()


def test_several_are_asked_for_by_their_keys() -> None:
    """Names stand for whole topics, one may stand alone, and nothing is asked for twice."""
    bitcoin = LiveTopic.crypto("btcusdt")
    assert live_topics([bitcoin, "comments", bitcoin]) == {
        bitcoin.key: bitcoin,
        "comments": LiveTopic("comments"),
    }
    assert live_topics(bitcoin) == {bitcoin.key: bitcoin}
    assert live_topics("comments") == {"comments": LiveTopic.comments()}
    assert live_topics([]) == {}
