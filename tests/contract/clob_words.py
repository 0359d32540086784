"""The words in which the CLOB refuses, typed again from the venue's documentation: operation, status, text.

What stands in braces differs from case to case. Failures every operation shares are not repeated.
"""

from __future__ import annotations

DOCUMENTED = """
POST /order 400 Invalid order payload
POST /order 400 the order owner has to be the owner of the API KEY
POST /order 400 the order signer address has to be the address of the API KEY
POST /order 400 '{address}' address banned
POST /order 400 '{address}' address in closed only mode
POST /order 400 order_version_mismatch
POST /order 400 order {id} is invalid. Price ({price}) breaks minimum tick size rule: {tick}
POST /order 400 order {id} is invalid. Size ({size}) lower than the minimum: {least}
POST /order 400 order {id} is invalid. Duplicated.
POST /order 400 order {id} crosses the book
POST /order 400 invalid post-only order: order crosses book
POST /order 400 not enough balance / allowance
POST /order 400 invalid nonce
POST /order 400 invalid expiration
POST /order 400 order canceled in the CTF exchange contract
POST /order 400 order match delayed due to market conditions
POST /order 400 order couldn't be fully filled. FOK orders are fully filled or killed.
POST /order 400 no orders found to match with FAK order. {explained}
POST /order 400 the market is not yet ready to process new orders
POST /order 425 {restarting}
POST /order 429 Too Many Requests
POST /order 500 could not insert order
POST /order 500 order timed out
POST /order 503 Trading is currently disabled. Check polymarket.com for updates
POST /order 503 Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.
POST /order 503 post-only mode: only post-only orders and cancels are allowed
POST /orders 400 Invalid order payload
POST /orders 400 Too many orders in payload: {many}, max allowed: {most}
POST /orders 400 the order owner has to be the owner of the API KEY
POST /orders 400 the order signer address has to be the address of the API KEY
POST /orders 400 '{address}' address banned
POST /orders 400 '{address}' address in closed only mode
POST /orders 500 could not insert order
POST /orders 503 Trading is currently disabled. Check polymarket.com for updates
POST /orders 503 Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.
DELETE /order 400 Invalid orderID
DELETE /order 400 Invalid order payload
DELETE /order 425 {restarting}
DELETE /order 503 Trading is currently disabled. Check polymarket.com for updates
DELETE /orders 400 Invalid orderID
DELETE /orders 400 Invalid order payload
DELETE /orders 400 Too many orders in payload, max allowed: 1000
DELETE /orders 503 Trading is currently disabled. Check polymarket.com for updates
DELETE /cancel-all 503 Trading is currently disabled. Check polymarket.com for updates
DELETE /cancel-market-orders 400 Invalid order payload
DELETE /cancel-market-orders 503 Trading is currently disabled. Check polymarket.com for updates
GET /data/orders 400 invalid order params payload
GET /data/orders 401 Unauthorized/Invalid api key
GET /data/order/{orderID} 400 Invalid orderID
GET /data/order/{orderID} 404 Order not found
GET /data/trades 400 Invalid trade params payload
GET /builder/trades 400 invalid builder trade params
GET /builder/trades 500 could not fetch builder trades
GET /midpoint 400 Invalid token id
GET /midpoint 404 No orderbook exists for the requested token id
GET /midpoints 400 Invalid payload
GET /midpoints 500 error getting the mid price
POST /midpoints 400 Invalid payload
POST /midpoints 500 error getting the mid price
GET /spread 400 Invalid token id
GET /spread 404 No orderbook exists for the requested token id
POST /spreads 400 Invalid payload
POST /spreads 500 error getting the spread
GET /last-trade-price 400 Invalid token id
GET /last-trades-prices 400 Invalid payload
GET /last-trades-prices 400 Payload exceeds the limit
POST /last-trades-prices 400 Invalid payload
POST /last-trades-prices 400 Payload exceeds the limit
GET /fee-rate 400 Invalid token id
GET /fee-rate 404 fee rate not found for market
GET /fee-rate/{token_id} 400 Invalid token id
GET /fee-rate/{token_id} 404 fee rate not found for market
GET /tick-size 400 Invalid token id
GET /tick-size 404 market not found
GET /tick-size/{token_id} 400 Invalid token id
GET /tick-size/{token_id} 404 market not found
GET /neg-risk 400 Invalid token id
GET /neg-risk 404 market not found
GET /neg-risk/{token_id} 400 Invalid token id
GET /neg-risk/{token_id} 404 market not found
GET /price 400 Invalid token id
GET /price 400 Invalid side
GET /price 404 No orderbook exists for the requested token id
GET /prices 400 Invalid payload
GET /prices 400 Invalid side
GET /prices 404 No orderbook exists for the requested token id
POST /prices 400 Invalid payload
POST /prices 400 Invalid side
POST /prices 404 No orderbook exists for the requested token id
GET /book 400 Invalid token id
GET /book 404 No orderbook exists for the requested token id
GET /book 500 error getting the orderbook
GET /books 400 Invalid payload
POST /books 400 Invalid payload
GET /prices-history 400 startTs is required
GET /prices-history 400 invalid fidelity: {fidelity}
GET /prices-history 400 interval is too long
GET /ohlc 400 asset_id is required
GET /ohlc 400 startTs is required
GET /ohlc 400 limit cannot exceed 1000
GET /orderbook-history 400 startTs is required
GET /orderbook-history 400 either market or asset_id must be provided
GET /orderbook-history 400 limit cannot exceed 1000
POST /auth/api-key 400 Could not create api key
POST /auth/api-key 401 Invalid L1 Request headers
DELETE /auth/api-key 500 Could not delete API key
GET /auth/api-keys 500 Could not retrieve API keys
GET /auth/derive-api-key 400 Could not derive api key!
GET /auth/derive-api-key 401 Invalid L1 Request headers
GET /auth/ban-status/closed-only 404 not found
GET /auth/builder-api-key 500 Could not get builder api keys
POST /auth/builder-api-key 500 Could not create builder api key
DELETE /auth/builder-api-key 400 Invalid revoke builder api key body
DELETE /auth/builder-api-key 500 Could not revoke the builder api key: {key}
GET /balance-allowance 400 Invalid asset type
GET /balance-allowance 400 Invalid signature_type
PUT /balance-allowance 400 Invalid asset type
PUT /balance-allowance 400 Invalid signature_type
GET /balance-allowance/update 400 Invalid asset type
GET /balance-allowance/update 400 Invalid signature_type
GET /notifications 400 Invalid signature_type
DELETE /notifications 400 Invalid ids
GET /rewards/user 400 Invalid date (format: YYYY-MM-DD)
GET /rewards/user 400 Invalid signature_type
GET /rewards/user 400 Invalid maker_address
GET /rewards/user/total 400 Invalid date (format: YYYY-MM-DD)
GET /rewards/user/total 400 Invalid signature_type
GET /rewards/user/total 400 Invalid maker_address
GET /rewards/user/percentages 400 Invalid signature_type
GET /rewards/user/percentages 400 Invalid maker_address
GET /rewards/user/markets 400 Invalid date (format: YYYY-MM-DD)
GET /rewards/user/markets 400 Invalid signature_type
GET /rewards/user/markets 400 favorite_markets query argument requires authentication
GET /rewards/markets/current 400 Invalid next_cursor
GET /rewards/markets/{condition_id} 400 Invalid market
GET /rewards/markets/{condition_id} 400 Invalid next_cursor
GET /rewards/markets/multi 400 Invalid order_by
GET /rewards/markets/multi 400 Invalid position
GET /rewards/markets/multi 400 Invalid next_cursor
GET /rebates/current 400 Invalid date
GET /rebates/current 400 Invalid maker_address
POST /v1/heartbeats 400 Invalid Heartbeat ID
GET /order-scoring 400 Invalid order_id
GET /order-scoring 404 market not found
GET /orders-scoring 400 Invalid payload
GET /orders-scoring 400 Invalid orderID
POST /orders-scoring 400 Invalid payload
POST /orders-scoring 400 Invalid orderID
"""
ROWS = tuple(DOCUMENTED.strip().splitlines())

FAULT = "a failure of the venue's own, here by a fault alone"
UNKNOWN = "documented without what causes it"
SIGNED_ALWAYS = "the operation is never open, so who asks is always known"
FIRST_VERSION = "of the first version, whose orders are refused before"
BY_QUERY = "plural reads by query are refused whatever they say"
LEFT_OUT = "tokens nobody knows are left out of plural reads"
# What the sandbox says to nobody, with the reason.
NEVER_SAID = {
    "POST /order 400 order {id} crosses the book": UNKNOWN,
    "POST /order 400 invalid nonce": FIRST_VERSION,
    "POST /order 400 order canceled in the CTF exchange contract": FIRST_VERSION,
    "POST /order 400 order match delayed due to market conditions": UNKNOWN,
    "GET /builder/trades 500 could not fetch builder trades": FAULT,
    "GET /midpoints 500 error getting the mid price": FAULT,
    "POST /midpoints 500 error getting the mid price": FAULT,
    "POST /spreads 500 error getting the spread": FAULT,
    "GET /last-trades-prices 400 Payload exceeds the limit": BY_QUERY,
    "GET /prices 400 Invalid side": BY_QUERY,
    "GET /prices 404 No orderbook exists for the requested token id": BY_QUERY,
    "POST /prices 404 No orderbook exists for the requested token id": LEFT_OUT,
    "GET /book 500 error getting the orderbook": FAULT,
    "DELETE /auth/api-key 500 Could not delete API key": FAULT,
    "GET /auth/api-keys 500 Could not retrieve API keys": FAULT,
    "GET /auth/ban-status/closed-only 404 not found": UNKNOWN,
    "GET /auth/builder-api-key 500 Could not get builder api keys": FAULT,
    "POST /auth/builder-api-key 500 Could not create builder api key": FAULT,
    "DELETE /auth/builder-api-key 500 Could not revoke the builder api key: {key}": FAULT,
    "GET /rewards/user/markets 400 favorite_markets query argument requires authentication": SIGNED_ALWAYS,
    "GET /order-scoring 404 market not found": UNKNOWN,
}
