"""What the spec of the CLOB has to say, typed again from the venue's documentation and its clients."""

# Method, path, function, who may call, what a repetition does, lane. `open` is everybody; `|` means either.
ENDPOINTS = """
GET    /                                     health.check_health                     open       safe    read
GET    /ok                                   health.get_ok                           open       safe    read
GET    /time                                 health.get_server_time                  open       safe    read
GET    /version                              health.get_version                      open       safe    read
GET    /book                                 books.get_order_book                    open       safe    read
GET    /books                                books.get_order_books_by_query          open       safe    read
POST   /books                                books.get_order_books                   open       safe    read
GET    /midpoint                             books.get_midpoint                      open       safe    read
GET    /midpoints                            books.get_midpoints_by_query            open       safe    read
POST   /midpoints                            books.get_midpoints                     open       safe    read
GET    /price                                books.get_price                         open       safe    read
GET    /prices                               books.get_prices_by_query               open       safe    read
POST   /prices                               books.get_prices                        open       safe    read
GET    /spread                               books.get_spread                        open       safe    read
POST   /spreads                              books.get_spreads                       open       safe    read
GET    /last-trade-price                     books.get_last_trade_price              open       safe    read
GET    /last-trades-prices                   books.get_last_trades_prices_by_query   open       safe    read
POST   /last-trades-prices                   books.get_last_trades_prices            open       safe    read
GET    /tick-size                            books.get_tick_size                     open       safe    read
GET    /tick-size/{token_id}                 books.get_tick_size_of                  open       safe    read
GET    /neg-risk                             books.get_neg_risk                      open       safe    read
GET    /neg-risk/{token_id}                  books.get_neg_risk_of                   open       safe    read
GET    /fee-rate                             books.get_fee_rate                      open       safe    read
GET    /fee-rate/{token_id}                  books.get_fee_rate_of                   open       safe    read
GET    /prices-history                       books.get_prices_history                open       safe    read
POST   /batch-prices-history                 books.get_batch_prices_history          open       safe    read
GET    /ohlc                                 books.get_ohlc                          open       safe    read
GET    /orderbook-history                    books.get_orderbook_history             open       safe    read
GET    /markets                              markets.get_markets                     open       safe    read
GET    /markets/{condition_id}               markets.get_market                      open       safe    read
GET    /simplified-markets                   markets.get_simplified_markets          open       safe    read
GET    /sampling-markets                     markets.get_sampling_markets            open       safe    read
GET    /sampling-simplified-markets          markets.get_sampling_simplified_markets open       safe    read
GET    /clob-markets/{condition_id}          markets.get_clob_market                 open       safe    read
GET    /markets-by-token/{token_id}          markets.get_market_by_token             open       safe    read
POST   /markets/live-activity                markets.get_live_activities             open       safe    read
GET    /markets/live-activity/{condition_id} markets.get_live_activity               open       safe    read
GET    /live-activity/events/{condition_id}  markets.get_live_activity_event         open       safe    read
POST   /auth/api-key                         auth.create_api_key                     l1         never   write
DELETE /auth/api-key                         auth.delete_api_key                     l2         safe    write
GET    /auth/api-keys                        auth.get_api_keys                       l2|l1      safe    read
GET    /auth/derive-api-key                  auth.derive_api_key                     l1         safe    read
GET    /auth/ban-status/closed-only          auth.get_closed_only_mode               l2         safe    read
POST   /auth/readonly-api-key                auth.create_readonly_api_key            l2         never   write
DELETE /auth/readonly-api-key                auth.delete_readonly_api_key            l2         safe    write
GET    /auth/readonly-api-keys               auth.get_readonly_api_keys              l2         safe    read
GET    /auth/validate-readonly-api-key       auth.validate_readonly_api_key          open       safe    read
POST   /auth/builder-api-key                 auth.create_builder_api_key             l2         never   write
GET    /auth/builder-api-key                 auth.get_builder_api_keys               l2         safe    read
DELETE /auth/builder-api-key                 auth.revoke_builder_api_key             l2|builder safe    write
POST   /order                                orders.post_order                       l2         resolve write
DELETE /order                                orders.cancel_order                     l2         safe    cancel
POST   /orders                               orders.post_orders                      l2         resolve write
DELETE /orders                               orders.cancel_orders                    l2         safe    cancel
DELETE /cancel-all                           orders.cancel_all                       l2         safe    cancel
DELETE /cancel-market-orders                 orders.cancel_market_orders             l2         safe    cancel
GET    /data/orders                          orders.get_open_orders                  l2         safe    read
GET    /data/order/{orderID}                 orders.get_order                        l2         safe    read
GET    /data/pre-migration-orders            orders.get_pre_migration_orders         l2         safe    read
GET    /order-scoring                        orders.get_order_scoring                l2         safe    read
GET    /orders-scoring                       orders.get_orders_scoring_by_query      l2         safe    read
POST   /orders-scoring                       orders.get_orders_scoring               l2         safe    read
POST   /v1/heartbeats                        orders.post_heartbeat                   l2         never   cancel
POST   /heartbeats                           orders.post_legacy_heartbeat            l2         never   cancel
GET    /data/trades                          trades.get_trades                       l2         safe    read
GET    /builder/trades                       trades.get_builder_trades               open       safe    read
GET    /fees/builder-fees/{builder_code}     trades.get_builder_fees                 open       safe    read
GET    /balance-allowance                    account.get_balance_allowance           l2         safe    read
PUT    /balance-allowance                    account.put_balance_allowance           l2         safe    write
GET    /balance-allowance/update             account.update_balance_allowance        l2         safe    read
GET    /notifications                        account.get_notifications               l2         safe    read
DELETE /notifications                        account.drop_notifications              l2         safe    write
GET    /rewards/user                         rewards.get_user_earnings               l2         safe    read
GET    /rewards/user/total                   rewards.get_user_total_earnings         l2         safe    read
GET    /rewards/user/percentages             rewards.get_user_reward_percentages     l2         safe    read
GET    /rewards/user/markets                 rewards.get_user_rewards_markets        l2         safe    read
GET    /rewards/markets/current              rewards.get_current_rewards             open       safe    read
GET    /rewards/markets/multi                rewards.get_multi_market_rewards        open       safe    read
GET    /rewards/markets/{condition_id}       rewards.get_market_rewards              open       safe    read
GET    /rebates/current                      rewards.get_rebates                     open       safe    read
POST   /rfq/request                          rfq.create_request                      l2         never   write
DELETE /rfq/request                          rfq.cancel_request                      l2         safe    cancel
GET    /rfq/data/requests                    rfq.get_requests                        l2         safe    read
POST   /rfq/quote                            rfq.create_quote                        l2         never   write
DELETE /rfq/quote                            rfq.cancel_quote                        l2         safe    cancel
GET    /rfq/data/requester/quotes            rfq.get_requester_quotes                l2         safe    read
GET    /rfq/data/quoter/quotes               rfq.get_quoter_quotes                   l2         safe    read
GET    /rfq/data/best-quote                  rfq.get_best_quote                      l2         safe    read
POST   /rfq/request/accept                   rfq.accept_quote                        l2         never   write
POST   /rfq/quote/approve                    rfq.approve_order                       l2         never   write
GET    /rfq/config                           rfq.get_config                          l2         safe    read
"""
ROWS = {(row[0], row[1]): row[2:] for row in map(str.split, ENDPOINTS.strip().splitlines())}

# Limits of operations other than the general one alone, their own first; `*` counts items, `-` is none.
LIMITS = {
    "GET /ok": "Ok",
    "GET /book": "Book",
    "GET /books": "Books",
    "POST /books": "Books",
    "GET /midpoint": "Midpoint",
    "GET /midpoints": "Midpoints",
    "POST /midpoints": "Midpoints",
    "GET /price": "Price",
    "GET /prices": "Prices",
    "POST /prices": "Prices",
    "GET /tick-size": "TickSize",
    "GET /tick-size/{token_id}": "TickSize",
    "GET /prices-history": "PricesHistory",
    "POST /auth/api-key": "ApiKeys",
    "DELETE /auth/api-key": "ApiKeys",
    "GET /auth/api-keys": "ApiKeys",
    "GET /auth/derive-api-key": "ApiKeys",
    "POST /auth/readonly-api-key": "ApiKeys",
    "DELETE /auth/readonly-api-key": "ApiKeys",
    "GET /auth/readonly-api-keys": "ApiKeys",
    "GET /auth/validate-readonly-api-key": "ApiKeys",
    "POST /auth/builder-api-key": "ApiKeys",
    "GET /auth/builder-api-key": "ApiKeys",
    "DELETE /auth/builder-api-key": "ApiKeys",
    "POST /order": "PostOrder,PostOrderSustained,SignerOrders",
    "DELETE /order": "CancelOrder,CancelOrderSustained,SignerCancels",
    "POST /orders": "PostOrders,PostOrdersSustained,SignerOrders*",
    "DELETE /orders": "CancelOrders,CancelOrdersSustained,SignerCancels*",
    "DELETE /cancel-all": "CancelAll,CancelAllSustained,SignerCancels",
    "DELETE /cancel-market-orders": "CancelMarketOrders,CancelMarketOrdersSustained,SignerCancels",
    "GET /data/orders": "DataOrders,Ledger",
    "GET /data/order/{orderID}": "Ledger",
    "GET /data/pre-migration-orders": "Ledger",
    "POST /v1/heartbeats": "-",
    "POST /heartbeats": "-",
    "GET /data/trades": "DataTrades,Ledger",
    "GET /balance-allowance": "BalanceAllowance",
    "PUT /balance-allowance": "BalanceAllowanceUpdate",
    "GET /balance-allowance/update": "BalanceAllowanceUpdate",
    "GET /notifications": "Notifications,Ledger",
    "DELETE /notifications": "Notifications",
    "DELETE /rfq/request": "-",
    "DELETE /rfq/quote": "-",
}

# Requests of one address in so many seconds.
WINDOWS = {
    "General": (9000, 10),
    "Ok": (100, 10),
    "Book": (1500, 10),
    "Price": (1500, 10),
    "Midpoint": (1500, 10),
    "Books": (500, 10),
    "Prices": (500, 10),
    "Midpoints": (500, 10),
    "PricesHistory": (1000, 10),
    "TickSize": (200, 10),
    "Ledger": (900, 10),
    "DataOrders": (500, 10),
    "DataTrades": (500, 10),
    "Notifications": (125, 10),
    "ApiKeys": (100, 10),
    "BalanceAllowance": (200, 10),
    "BalanceAllowanceUpdate": (50, 10),
    "PostOrder": (5_000, 10),
    "PostOrderSustained": (120_000, 600),
    "CancelOrder": (5_000, 10),
    "CancelOrderSustained": (120_000, 600),
    "PostOrders": (2_000, 10),
    "PostOrdersSustained": (21_000, 600),
    "CancelOrders": (2_000, 10),
    "CancelOrdersSustained": (15_000, 600),
    "CancelAll": (250, 10),
    "CancelAllSustained": (6_000, 600),
    "CancelMarketOrders": (1_500, 10),
    "CancelMarketOrdersSustained": (21_000, 600),
}
# A second, and at once, of one signer; by tier.
TIERS = """
tier     orders burst cancels burst
standard 40     60    80      120
copper   60     90    120     180
bronze   80     120   160     240
silver   200    300   400     600
gold     400    600   800     1200
platinum 450    675   900     1350
diamond  525    787   1050    1575
elite    600    900   1200    1800
"""

# Not documented but in clients, or not even there.
LESS_SURE = {
    "code": {
        *("GET /", "GET /ok", "GET /version", "GET /markets", "GET /markets/{condition_id}"),
        *("GET /live-activity/events/{condition_id}", "GET /data/pre-migration-orders"),
        *("POST /auth/readonly-api-key", "DELETE /auth/readonly-api-key", "GET /auth/readonly-api-keys"),
        *("GET /auth/validate-readonly-api-key", "GET /fees/builder-fees/{builder_code}"),
        *(f"{method} {path}" for method, path in ROWS if path.startswith("/rfq/")),
    },
    "inferred": {"GET /ohlc", "GET /orderbook-history"},
}

# What a request must have beyond its path; DELETE and PUT included.
REQUIRED_QUERY = {
    "/book": {"token_id"},
    "/books": {"token_ids"},
    "/midpoint": {"token_id"},
    "/midpoints": {"token_ids"},
    "/price": {"token_id", "side"},
    "/prices": {"token_ids", "sides"},
    "/spread": {"token_id"},
    "/last-trade-price": {"token_id"},
    "/last-trades-prices": {"token_ids"},
    "/tick-size": {"token_id"},
    "/neg-risk": {"token_id"},
    "/fee-rate": {"token_id"},
    "/prices-history": {"market"},
    "/ohlc": {"asset_id", "startTs"},
    "/orderbook-history": {"startTs"},
    "/auth/validate-readonly-api-key": {"address", "key"},
    "/order-scoring": {"order_id"},
    "/orders-scoring": {"order_ids"},
    "/builder/trades": {"builder_code"},
    "/balance-allowance": {"asset_type"},
    "/balance-allowance/update": {"asset_type"},
    "/notifications": {"signature_type", "ids"},
    "/rewards/user": {"date"},
    "/rewards/user/total": {"date"},
    "/rebates/current": {"date", "maker_address"},
    "/rfq/data/best-quote": {"requestId"},
}
BODIES = {
    "POST /books": ["BookRequest"],
    "POST /midpoints": ["BookRequest"],
    "POST /prices": ["BookRequest"],
    "POST /spreads": ["BookRequest"],
    "POST /last-trades-prices": ["BookRequest"],
    "POST /batch-prices-history": "BatchPricesHistoryRequest",
    "POST /markets/live-activity": ["string"],
    "DELETE /auth/readonly-api-key": "ReadonlyApiKeyDeletion",
    "POST /order": "SendOrder",
    "POST /orders": ["SendOrder"],
    "DELETE /order": "CancelOrderPayload",
    "DELETE /orders": ["string"],
    "DELETE /cancel-market-orders": "OrderMarketCancelParams",
    "POST /orders-scoring": ["string"],
    "POST /v1/heartbeats": "HeartbeatRequest",
    "POST /rfq/request": "RfqRequestParams",
    "DELETE /rfq/request": "RfqRequestCancellation",
    "POST /rfq/quote": "RfqQuoteParams",
    "DELETE /rfq/quote": "RfqQuoteCancellation",
    "POST /rfq/request/accept": "RfqOrder",
    "POST /rfq/quote/approve": "RfqOrder",
}

MEMBERS = {
    "Side": "BUY SELL",
    "OrderType": "GTC GTD FOK FAK",
    "TraderSide": "TAKER MAKER",
    "AssetType": "COLLATERAL CONDITIONAL CONDITIONAL-V2",
    "HistoryInterval": "max all 1m 1w 1d 6h 1h",
    "CandleLength": "1m 5m 15m 30m 1h 4h 1d 1w",
    "SortDirection": "ASC DESC",
    "SubscriptionOperation": "subscribe unsubscribe",
    "OrderEventType": "PLACEMENT UPDATE CANCELLATION",
    "OrderStatus": (
        "LIVE MATCHED DELAYED UNMATCHED CANCELED CANCELED_MARKET_RESOLVED CANCELED_NOT_ENOUGH_BALANCE "
        "CANCELED_MARKET_NOT_FOUND CANCELED_EXPIRED_ORDER CANCELED_ORDER_TIMED_OUT INVALID"
    ),
    "TradeStatus": "MATCHED MATCHED_NOT_BROADCASTED MINED RETRYING CONFIRMED FAILED",
    "PlacementStatus": "live matched delayed unmatched -",
    "TradedSide": "BUY SELL -",
    "LiveTopicName": (
        "crypto_prices crypto_prices_chainlink crypto_prices_twap_thirty crypto_prices_twap_sixty "
        "equity_prices comments"
    ),
}
FRAMES = {
    "MarketEvent": {
        "book": "BookEvent",
        "price_change": "PriceChangeEvent",
        "last_trade_price": "LastTradePriceEvent",
        "tick_size_change": "TickSizeChangeEvent",
        "best_bid_ask": "BestBidAskEvent",
        "new_market": "NewMarketEvent",
        "market_resolved": "MarketResolvedEvent",
    },
    "UserEvent": {"order": "OrderEvent", "trade": "TradeEvent"},
}
LIVE_FRAMES = {
    "update": "LivePriceEvent",
    "subscribe": "LivePriceHistoryEvent",
    "comment_created": "CommentCreatedEvent",
    "comment_removed": "CommentRemovedEvent",
    "reaction_created": "ReactionCreatedEvent",
    "reaction_removed": "ReactionRemovedEvent",
}
PLAIN_FRAMES = {"SportsResult", "LiveMessage", "LiveRefusal"}
"""Of no union: they have no tag, or are what no other fits."""
SENT_FRAMES = {
    "LiveRequest",
    "MarketSubscription",
    "MarketSubscriptionUpdate",
    "UserSubscription",
    "UserSubscriptionUpdate",
}
