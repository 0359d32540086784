"""What the spec of PolySimulator has to say, typed again from the venue's documentation and its client."""

# Method, path, function, who may call, what a repetition does, lane. `open` is everybody, `read` and `trade`
# a key with that role, `key` any key, `token` the dashboard's token; `|` means either, `-` no credential.
ENDPOINTS = """
POST   /v1/keys/bootstrap                      keys.bootstrap_key              token       never   write
GET    /v1/keys                                keys.list_keys                  key|token   safe    read
POST   /v1/keys                                keys.create_key                 key|token   never   write
PATCH  /v1/keys/{key_id}                       keys.rename_key                 key|token   safe    write
DELETE /v1/keys/{key_id}                       keys.revoke_key                 key|token   safe    write
POST   /v1/keys/{key_id}/rotate                keys.rotate_key                 key|token   never   write
GET    /v1/keys/tiers                          keys.get_tiers                  key|token|- safe    read
POST   /v1/keys/ws-token                       keys.create_ws_token            key|token   safe    write
GET    /v1/me                                  identity.get_me                 read|token  safe    read
GET    /api/beta/cohort-status                 identity.get_cohort_status      open        safe    read
GET    /v1/health                              health.health_check             open        safe    read
GET    /v1/health/live                         health.health_live              open        safe    read
GET    /v1/health/ready                        health.health_ready             open        safe    read
GET    /v1/status                              health.get_status               read|-      safe    read
GET    /v1/account/balance                     account.get_balance             read|token  safe    read
POST   /v1/account/reset-api-balance           account.reset_api_balance       read|token  never   write
GET    /v1/account/positions                   account.get_positions           read        safe    read
GET    /v1/account/portfolio                   account.get_portfolio           read        safe    read
GET    /v1/account/history                     account.get_history             read        safe    read
GET    /v1/account/equity                      account.get_equity              read        safe    read
GET    /v1/account/settlements                 account.get_settlements         read        safe    read
GET    /v1/account/profile-analysis            account.get_profile_analysis    read        safe    read
GET    /v1/account/me/entitlements             account.get_entitlements        token       safe    read
GET    /v1/export/trades.csv                   exports.export_trades           read        safe    read
GET    /v1/export/settlements.csv              exports.export_settlements      read        safe    read
GET    /v1/me/wallets                          wallets.list_wallets            read|token  safe    read
POST   /v1/me/wallets                          wallets.create_wallet           read|token  never   write
GET    /v1/me/wallets/{wallet_id}              wallets.get_wallet              read|token  safe    read
PATCH  /v1/me/wallets/{wallet_id}              wallets.rename_wallet           read|token  safe    write
DELETE /v1/me/wallets/{wallet_id}              wallets.archive_wallet          read|token  safe    write
POST   /v1/me/wallets/{wallet_id}/reset        wallets.reset_wallet            read|token  never   write
POST   /v1/orders                              orders.place_order              trade       resolve write
POST   /v1/orders/batch                        orders.place_order_batch        trade       resolve write
GET    /v1/orders                              orders.list_orders              read        safe    read
GET    /v1/orders/{order_id}                   orders.get_order                read        safe    read
DELETE /v1/orders/{order_id}                   orders.cancel_order             trade       safe    cancel
DELETE /v1/orders                              orders.cancel_orders            trade       safe    cancel
POST   /v1/cancel-all                          orders.cancel_all               trade       safe    cancel
DELETE /v1/cancel-all                          orders.cancel_all_deprecated    trade       safe    cancel
DELETE /v1/cancel-market-orders                orders.cancel_market_orders     trade       safe    cancel
POST   /v1/heartbeats                          orders.post_heartbeat           trade       safe    cancel
POST   /heartbeats                             orders.post_heartbeat_alias     trade       safe    cancel
POST   /v1/clob/order                          compat.post_flat_order          trade       resolve write
POST   /v1/order                               compat.post_order               trade       resolve write
DELETE /v1/order                               compat.cancel_order_by_id       trade       safe    cancel
GET    /v1/order/{id}                          compat.get_order                read        safe    read
GET    /v1/data/order/{id}                     compat.get_data_order           read        safe    read
GET    /v1/data/orders                         compat.get_orders               read        safe    read
GET    /v1/data/trades                         compat.get_trades               read        safe    read
GET    /v1/balance-allowance                   compat.get_balance_allowance    read        safe    read
GET    /v1/markets                             markets.list_markets            read|-      safe    read
GET    /v1/markets/{condition_id}              markets.get_market              read        safe    read
GET    /v1/markets/by-slug/{slug}              markets.get_market_by_slug      read        safe    read
GET    /v1/markets/{condition_id}/book         markets.get_market_book         read        safe    read
GET    /v1/markets/{condition_id}/candles      markets.get_candles             read        safe    read
GET    /v1/markets/updown                      markets.list_updown             read|-      safe    read
GET    /markets/updown                         markets.list_updown_alias       read|-      safe    read
GET    /v1/markets/updown/intervals            markets.get_updown_intervals    read        safe    read
GET    /v1/markets-by-token/{token_id}         markets.get_market_by_token     open        safe    read
POST   /v1/prices/batch                        markets.get_batch_prices        read        safe    read
GET    /v1/events                              markets.list_events             read        safe    read
GET    /v1/book                                books.get_order_book            open        safe    read
GET    /v1/clob/book/{token_id}                books.get_clob_book             open        safe    read
POST   /v1/books                               books.get_order_books           open        safe    read
GET    /v1/midpoint                            books.get_midpoint              open        safe    read
POST   /v1/midpoints                           books.get_midpoints             open        safe    read
GET    /v1/spread                              books.get_spread                open        safe    read
POST   /v1/spreads                             books.get_spreads               open        safe    read
GET    /v1/price                               books.get_price                 open        safe    read
POST   /v1/prices                              books.get_prices                open        safe    read
GET    /v1/last-trade-price                    books.get_last_trade_price      open        safe    read
GET    /v1/tick-size/{token_id}                books.get_tick_size             open        safe    read
GET    /v1/neg-risk                            books.get_neg_risk              open        safe    read
GET    /v1/neg-risk/{token_id}                 books.get_neg_risk_of           open        safe    read
GET    /v1/fee-rate                            books.get_fee_rate              open        safe    read
GET    /v1/time                                books.get_server_time           open        safe    read
GET    /v1/prices-history                      books.get_prices_history        open        safe    read
GET    /prices/live                            spot.get_spot_prices            open        safe    read
GET    /prices/live/{symbol}                   spot.get_spot_price             open        safe    read
GET    /prices/ptb/{condition_id}              spot.get_strike                 open        safe    read
GET    /prices/stream                          spot.stream_prices              open        safe    read
POST   /v1/simulation/fill                     simulation.simulate_fill        read        safe    read
GET    /v1/simulation/coverage                 simulation.get_coverage         read        safe    read
GET    /v1/simulation/fill-models              simulation.list_fill_models     read        safe    read
GET    /v1/simulation/book                     simulation.get_replay_book      read        safe    read
POST   /v1/simulation/backtests                simulation.create_backtest      read        safe    write
GET    /v1/simulation/backtests                simulation.list_backtests       read        safe    read
GET    /v1/simulation/backtests/{job_id}       simulation.get_backtest         read        safe    read
DELETE /v1/simulation/backtests/{job_id}       simulation.cancel_backtest      read        safe    write
GET    /v1/simulation/backtests/{job_id}/trades simulation.get_backtest_trades read        safe    read
GET    /v1/simulation/backtests/{job_id}/equity simulation.get_backtest_equity read        safe    read
POST   /v1/simulation/exports                  simulation.create_export        read        never   write
POST   /v1/partner/users                       partner.create_user             users:write safe    write
"""
ROWS = {(row[0], row[1]): row[2:] for row in map(str.split, ENDPOINTS.strip().splitlines())}

# Requests in so many seconds: of a key by tier, of an address, of a partner.
KEY_LIMITS = """
period free pro  pro_plus enterprise
1      2    30   60       100
60     120  1800 3600     6000
"""
WINDOWS = {
    "AnonSecond": (10, 1, "ip"),
    "AnonMinute": (600, 60, "ip"),
    "BootstrapMinute": (1, 60, "ip"),
    "BootstrapHour": (5, 3600, "ip"),
    "PartnerSecond": (50, 1, "key"),
    "PartnerMinute": (3000, 60, "key"),
}

# Statuses of success other than 200 alone.
STATUSES = {
    "POST /v1/keys/bootstrap": {"201"},
    "POST /v1/keys": {"201"},
    "DELETE /v1/keys/{key_id}": {"200", "204"},
    "POST /v1/keys/{key_id}/rotate": {"200", "201"},
    "POST /v1/me/wallets": {"200", "201"},
    "DELETE /v1/me/wallets/{wallet_id}": {"200", "204"},
    "POST /v1/simulation/backtests": {"202"},
    "DELETE /v1/simulation/backtests/{job_id}": {"200", "204"},
    "POST /v1/partner/users": {"200", "201"},
}

# What a request must have beyond its path; header fields with a colon.
REQUIRED = {
    **{
        f"GET /v1/{path}": {"token_id"}
        for path in ("book", "midpoint", "spread", "last-trade-price", "neg-risk", "fee-rate")
    },
    "GET /v1/price": {"token_id", "side"},
    "GET /v1/simulation/coverage": {"condition_id"},
    "GET /v1/simulation/book": {"condition_id", "at"},
    "POST /v1/simulation/backtests": {"Idempotency-Key:"},
}

# Requests with a body; lists in brackets, `|` means either.
BODIES = {
    "POST /v1/keys/bootstrap": "CreateKeyRequest",
    "POST /v1/keys": "CreateKeyRequest",
    "PATCH /v1/keys/{key_id}": "RenameKeyRequest",
    "POST /v1/me/wallets": "CreateWalletRequest",
    "PATCH /v1/me/wallets/{wallet_id}": "RenameWalletRequest",
    "POST /v1/orders": "PlaceOrderRequest|[PmSendOrderRequest]",
    "POST /v1/orders/batch": "BatchOrderRequest",
    "DELETE /v1/orders": "[integer|string]",
    "POST /v1/heartbeats": "HeartbeatRequest",
    "POST /heartbeats": "HeartbeatRequest",
    "POST /v1/clob/order": "FlatOrderRequest",
    "POST /v1/order": "PmSendOrderRequest",
    "DELETE /v1/order": "PmCancelRequest",
    "POST /v1/prices/batch": "BatchPriceRequest",
    "POST /v1/books": "[TokenRef]|TokenRefs",
    "POST /v1/midpoints": "[TokenRef]|TokenRefs",
    "POST /v1/spreads": "[TokenRef]|TokenRefs",
    "POST /v1/prices": "[TokenSide]|TokenIds",
    "POST /v1/simulation/fill": "SimulateFillRequest",
    "POST /v1/simulation/backtests": "CreateBacktestRequest",
    "POST /v1/simulation/exports": "UnpublishedAnswer",
    "POST /v1/partner/users": "PartnerUserRequest",
}
MAY_BE_EMPTY = {"POST /v1/keys/bootstrap", "POST /v1/keys"}

# Where listings take and give their cursor and list their rows, and how they end.
PAGES = {
    "GET /v1/account/history": "cursor next_cursor data",
    "GET /v1/account/settlements": "cursor next_cursor data",
    "GET /v1/orders": "cursor next_cursor orders more:has_more",
    "GET /v1/data/orders": "next_cursor next_cursor data end:LTE=",
    "GET /v1/data/trades": "next_cursor next_cursor data end:LTE=",
    "GET /v1/markets": "cursor next_cursor data end:LTE=",
    "GET /v1/simulation/backtests": "cursor next_cursor data",
    "GET /v1/simulation/backtests/{job_id}/trades": "cursor next_cursor data",
    "GET /v1/simulation/backtests/{job_id}/equity": "cursor next_cursor data",
}
STREAMS = {
    "GET /v1/export/trades.csv": ("file", "text/csv"),
    "GET /v1/export/settlements.csv": ("file", "text/csv"),
    "GET /prices/stream": ("events", "text/event-stream"),
}

# Known from the vendor's client alone, or concluded.
LESS_SURE = {
    "code": {
        *("GET /v1/account/me/entitlements", "GET /v1/export/settlements.csv", "GET /prices/stream"),
        *("GET /prices/live", "GET /prices/live/{symbol}", "GET /prices/ptb/{condition_id}"),
    },
    "inferred": {"POST /v1/midpoints", "POST /v1/spreads"},
}

# Answers that are one of several; lists in brackets.
ALTERNATIVES = {
    "POST /v1/orders": "OrderResponse OrderAck [PmSendOrderResponse]",
    "GET /v1/account/positions": "[PositionResponse] PositionPage",
    "GET /v1/account/history": "[TradeHistoryItem] TradeHistoryPage",
    "GET /v1/markets": "[MarketSummary] MarketPage",
    "GET /v1/prices-history": "PricesHistory CandleHistory",
    "GET /v1/simulation/fill-models": "UnpublishedAnswer [UnpublishedAnswer]",
}

MEMBERS = {
    "Tier": "free pro pro_plus enterprise",
    "Permission": "read trade admin",
    "Side": "BUY SELL",
    "OrderType": "market limit",
    "TimeInForce": "GTC FOK FAK IOC GTD",
    "OrderStatus": "PENDING FILLED CANCELLED EXPIRED REJECTED ERROR accepted",
    "OrderSource": "pending filled",
    "SendStatus": "live matched unmatched delayed",
    "PmOrderStatus": "ORDER_STATUS_LIVE ORDER_STATUS_MATCHED ORDER_STATUS_CANCELED ORDER_STATUS_INVALID",
    "AssetType": "COLLATERAL CONDITIONAL",
    "PositionStatus": "OPEN CLOSED CLOSED_BY_RESET",
    "SettlementResult": "won lost split expired partial unknown",
    "WalletKind": "MAIN API SANDBOX COMPETITION PROP_FIRM",
    "CandleInterval": "1h 6h 1d 1w max",
    "HistoryInterval": "1h 6h 1d 1w 1m max all",
    "HistoryFormat": "pm ohlcv",
    "UpdownAsset": "BTC ETH SOL XRP SPX NDX",
    "UpdownInterval": "5M 15M 1H 4H daily",
    "CryptoSource": "chainlink binance",
    "FillModel": "midpoint top_of_book depth_walk depth_walk_depletion",
    "SimulationConfidence": "high medium low provisional",
    "JobStatus": "pending running completed failed cancelled",
    "SubscriptionAction": "subscribe unsubscribe ping",
    "SocketErrorCode": (
        "INVALID_JSON INVALID_SUBSCRIBE EMPTY_SUBSCRIBE UNKNOWN_ASSET MAX_ASSETS_EXCEEDED AUTH_REQUIRED "
        "AUTH_INVALID MAX_WS_EXCEEDED UNKNOWN_FRAME"
    ),
    "StreamEventName": (
        "crypto_price crypto_price_batch snapshot market_price market_price_batch orderbook orderbook_batch "
        "tick_size_change keepalive"
    ),
}

# Codes of refusals, by status where it is told.
CODES = {
    "400": (
        "INSUFFICIENT_BALANCE INSUFFICIENT_POSITION INSUFFICIENT_LIQUIDITY NO_EXECUTABLE_DEPTH STALE_QUOTE "
        "INVALID_QUANTITY PRICE_REQUIRED FOK_ORDER_NOT_FILLED_ERROR INVALID_ORDER_PAYLOAD "
        "INVALID_ORDER_MIN_TICK_SIZE UNSUPPORTED_ORDER_TYPE MARKET_CLOSED ORDER_NOT_CANCELLABLE "
        "INVALID_ORDER_EXPIRATION INVALID_POST_ONLY_ORDER POST_ONLY_WOULD_CROSS INVALID_POST_ONLY_ORDER_TYPE "
        "INVALID_ORDER_MIN_SIZE ORDER_BELOW_MIN_SIZE CONFIRMATION_REQUIRED BATCH_LIMIT_EXCEEDED "
        "INVALID_INTERVAL INVALID_TIME_FILTER INVALID_TOKEN_ID INVALID_BODY INVALID_SOURCE INVALID_CURSOR "
        "INVALID_REQUEST INVALID_WINDOW BOOTSTRAP_NOT_ALLOWED"
    ),
    "401": (
        "MISSING_AUTH MISSING_API_KEY INVALID_KEY INVALID_TOKEN KEY_EXPIRED KEY_DEACTIVATED "
        "KEY_OWNER_NOT_FOUND TOKEN_EXPIRED USER_NOT_FOUND"
    ),
    "402": "UPGRADE_REQUIRED",
    "403": (
        "INSUFFICIENT_PERMISSION ACCESS_RESTRICTED CLOSED_BETA API_PRO_COMING_SOON TIER_REQUIRES_UPGRADE "
        "TIER_NOT_AUTHORIZED"
    ),
    "404": (
        "MARKET_NOT_FOUND ORDER_NOT_FOUND TOKEN_NOT_FOUND WALLET_NOT_FOUND ACCOUNT_NOT_FOUND "
        "BOOK_UNAVAILABLE NOT_FOUND"
    ),
    "409": (
        "DUPLICATE_CLIENT_ORDER_ID IDEMPOTENCY_KEY_REUSE IDEMPOTENCY_CONFLICT_PENDING TRADE_IN_PROGRESS "
        "LOCK_BUSY_RETRY COHORT_FULL"
    ),
    "422": "VALIDATION_FAILED",
    "429": "RATE_LIMIT_EXCEEDED RATE_LIMITED API_KEY_CONCURRENCY_EXCEEDED",
    "500": "EXECUTION_ERROR ORDER_EXECUTION_FAILED INTERNAL_ERROR ANALYSIS_ERROR",
    "503": (
        "UPSTREAM_UNAVAILABLE SERVER_BUSY DB_CONTENTION_RETRY DEADLINE_OVERSHOT_BUT_PERSISTED "
        "PERSISTED_DO_NOT_RETRY PERSISTENCE_UNKNOWN VENUE_UNAVAILABLE"
    ),
    "simulation": (
        "BACKTEST_MONTHLY_CAP BACKTEST_MARKET_CAP BACKTEST_WINDOW_CAP SIMULATION_HOURS_EXCEEDED "
        "METERING_UNAVAILABLE JOB_STORE_UNAVAILABLE CONDITION_HOUR_NOT_COVERED ARCHIVE_UNAVAILABLE "
        "ARCHIVE_NOT_FOUND UNIVERSE_EXCLUDED"
    ),
    "not told": "TIER_KEY_LIMIT_EXCEEDED AUTH_STATE_INCOMPLETE",
    "without a code": " ".join(
        f"HTTP_{status}" for status in (400, 401, 403, 404, 409, 422, 429, 500, 502, 503)
    ),
}

# Frames a channel sends, by tag; and what clients send.
FRAMES = {
    "PricesEvent": {
        "connected": "ConnectedEvent",
        "subscribed": "SubscribedEvent",
        "pong": "PongEvent",
        "price": "PriceEvent",
        "error": "ErrorEvent",
    },
    "ExecutionsEvent": {
        "connected": "ConnectedEvent",
        "pong": "PongEvent",
        "fill": "FillEvent",
        "error": "ErrorEvent",
    },
    "PmMarketEvent": {
        "book": "PmBookEvent",
        "price_change": "PmPriceChangeEvent",
        "last_trade_price": "PmLastTradePriceEvent",
        "best_bid_ask": "PmBestBidAskEvent",
        "error": "PmErrorEvent",
        "pong": "PmPongEvent",
    },
    "PmUserEvent": {"trade": "PmTradeEvent", "error": "PmErrorEvent", "pong": "PmPongEvent"},
}
SENT_FRAMES = {"PricesSubscription", "PmSubscription"}
EVENT_DATA = {"CryptoPriceBatchData", "TickSizeChangeData"}

# What is never shown.
SECRETS = {("CreateKeyResponse", "raw_key"), ("WsTokenResponse", "token"), ("PmSocketAuth", "apiKey")}

# What an object must have, where orders and money hang on it.
FIELDS = {
    "PlaceOrderRequest": "market_id side outcome",
    "OrderResponse": "order_id status order_type side outcome price quantity notional fee",
    "OrderAck": "order_id status accepted_at",
    "BatchOrderResult": "order_id status",
    "OrderDetail": "order_id status",
    "PendingOrderItem": "order_id market_id side outcome status",
    "PmOrder": "tokenId makerAmount takerAmount side",
    "PmSendOrderResponse": "success",
    "FlatOrderRequest": "token_id side price",
    "CreateKeyResponse": "id raw_key",
    "HeartbeatRequest": "interval_ms",
}

# Numbers on the wire that are decimals: all others of that kind are text.
NUMBERS = {
    *(
        "MarketToken.price",
        "UpdownPrice.buy",
        "UpdownPrice.sell",
        "AssetPrice.price",
        "AssetPrice.change_24h",
    ),
    *("TickSize.minimum_tick_size", "HistoryPoint.p", "SpotPrice.price", "ListedSpotPrice.price"),
    *("Strike.price", "CryptoPriceData.price", "TickSizeChangeData.tick_size"),
    "TickSizeChangeData.old_tick_size",
}
# Seconds, which are no money.
BINARY = {
    *("ApiError.retry_after", "StatusResponse.uptime_seconds", "SpotPrice.age_seconds"),
    "ListedSpotPrice.age_seconds",
}
