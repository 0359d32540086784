"""What the venue published about its protos, typed a second time."""

from __future__ import annotations

UNARY, SERVER, BOTH = (False, False), (False, True), (True, True)


# field -> number, with presence if it has any; "" is the full name where the package is another
MESSAGES: dict[str, dict[str, str]] = {
    "CreateMarketDataSubscriptionRequest": {
        "symbols": "1",
        "unaggregated": "2",
        "depth": "3",
        "snapshot_only": "4",
        "slow_consumer_skip_to_head": "5",
    },
    "CreateMarketDataSubscriptionResponse": {"heartbeat": "1", "update": "2"},
    "BiDirectionalStreamMarketDataRequest": {
        "subscribe": "1",
        "unsubscribe": "2",
        "unaggregated": "3",
        "depth": "4",
        "snapshot_only": "5",
        "slow_consumer_skip_to_head": "6",
        "keepalive": "7",
    },
    "BiDirectionalStreamMarketDataResponse": {
        "heartbeat": "1",
        "update": "2",
        "subscription_ack": "3",
        "subscription_error": "4",
    },
    "SubscribeCommand": {"symbols": "1"},
    "UnsubscribeCommand": {"symbols": "1"},
    "KeepAliveCommand": {},
    "Heartbeat": {},
    "SubscriptionAck": {
        "symbols_added": "1",
        "symbols_removed": "2",
        "active_symbols": "3",
        "symbol_scales": "4",
        "active_symbol_count": "5",
        "active_symbols_truncated": "6",
        "symbols_added_count": "7",
        "symbols_added_truncated": "8",
        "symbols_removed_count": "9",
        "symbols_removed_truncated": "10",
    },
    "SymbolScales": {"symbol": "1", "price_scale": "2", "quantity_scale": "3"},
    "SubscriptionError": {"error_code": "1", "message": "2", "symbols": "3"},
    "MarketDataUpdate": {
        "symbol": "1",
        "bids": "2",
        "offers": "3",
        "state": "optional 4",
        "stats": "5",
        "transact_time": "6",
        "book_hidden": "7",
        "price_scale": "optional 8",
        "quantity_scale": "optional 9",
    },
    "BookEntry": {"px": "1", "qty": "2", "symbol_sub_type": "3"},
    "InstrumentStats": {
        "open_px": "optional 1",
        "close_px": "optional 2",
        "low_px": "optional 3",
        "high_px": "optional 4",
        "last_trade_px": "optional 5",
        "indicative_open_px": "optional 6",
        "settlement_px": "optional 7",
        "shares_traded": "optional 8",
        "notional_traded": "optional 9",
        "open_interest": "optional 10",
        "settlement_preliminary": "optional 11",
        "settlement_price_calculation_method": "optional 12",
        "settlement_price_calculation_text": "optional 13",
        "last_trade_qty": "optional 14",
        "settlement_set_time": "15",
    },
    "RFQComboLeg": {"symbol": "1", "side": "2", "settlement_price": "optional 3"},
    "CreateVendorOrderRequest": {
        "": "polymarket.us.orderfunding.v1.CreateVendorOrderRequest",
        "order": "1",
        "vendor_fee": "2",
        "idempotency_key": "3",
    },
}

PARTLY = {
    ("Order", "price_to_quantity_filled"): 41,
    ("Order", "fractional_quantity_scale"): 49,
    ("GetOrderBookResponse", "state"): 4,
    ("GetBBOResponse", "state"): 6,
    ("RFQ", "tick_size"): 14,
    ("StreamRFQEventsResponse", "rfq_trade"): 15,
    ("GetKYCStatusResponse", "provisioned_account"): 4,
    ("GetKYCStatusResponse", "docv"): 5,
}


def _members(prefix: str, text: str, first: int = 0) -> dict[str, int]:
    return {f"{prefix}_{name}": number for number, name in enumerate(text.split(), first)}


ENUMS: dict[str, dict[str, int]] = {
    "Side": {"SIDE_UNDEFINED": 0, "SIDE_BUY": 1, "SIDE_SELL": 2},
    "OrderType": _members("ORDER_TYPE", "MARKET_TO_LIMIT LIMIT STOP STOP_LIMIT", 1),
    "TimeInForce": _members(
        "TIME_IN_FORCE", "DAY GOOD_TILL_CANCEL IMMEDIATE_OR_CANCEL GOOD_TILL_TIME FILL_OR_KILL", 1
    ),
    "OrderState": _members(
        "ORDER_STATE",
        "NEW PARTIALLY_FILLED FILLED CANCELED REPLACED REJECTED EXPIRED "
        "PENDING_NEW PENDING_REPLACE PENDING_CANCEL PENDING_RISK",
    ),
    "ExecutionType": _members(
        "EXECUTION_TYPE", "NEW PARTIAL_FILL FILL CANCELED REPLACE REJECTED EXPIRED DONE_FOR_DAY"
    ),
    "OrdRejectReason": _members(
        "ORD_REJECT_REASON",
        "EXCHANGE_OPTION UNKNOWN_SYMBOL EXCHANGE_CLOSED INCORRECT_QUANTITY INVALID_PRICE_INCREMENT "
        "INCORRECT_ORDER_TYPE PRICE_OUT_OF_BOUNDS NO_LIQUIDITY",
    ),
    "TradeState": _members(
        "TRADE_STATE",
        "UNDEFINED NEW CLEARED BUSTED INFLIGHT PENDING_RISK PENDING_CLEARED REJECTED "
        "CLEARING_ACKNOWLEDGED RETRY_REQUEST",
    ),
    "InstrumentState": _members(
        "INSTRUMENT_STATE",
        "CLOSED OPEN PREOPEN SUSPENDED EXPIRED TERMINATED HALTED MATCH_AND_CLOSE_AUCTION PENDING",
    ),
    "LedgerEntryType": _members(
        "LEDGER_ENTRY_TYPE_BALANCE",
        "DEPOSIT WITHDRAWAL ORDER_EXECUTION CORRECTION NETTING RESOLUTION MANUAL_ADJUSTMENT "
        "SECURITY_BALANCE_ADJUSTMENT SECURITY_MARK_TO_MARKET ACCOUNT_PROPERTY_ADJUSTMENT COMMISSION "
        "CONTRACT_EXPIRATION PENDING_CREDIT_ADJUSTMENT BEGINNING_OF_DAY SECURITY_WITHDRAWAL "
        "WITHDRAWAL_REJECTION MANUAL_TRANSFER AVERAGE_PRICE_TRANSFER GIVE_UP SYNCHRONIZATION INTEREST "
        "PENDING_WITHDRAWAL_CREATION SETTLEMENT_FEE",
        1,
    ),
    "FundingTransactionState": _members(
        "TRANSACTION_STATE",
        "PENDING ACKNOWLEDGED COMPLETED CANCELLED ALLOCATED PARTIALLY_REFUNDED REFUNDED "
        "PARTIALLY_RELEASED RELEASED PROCESSING",
    ),
    "FundingTransactionType": _members(
        "TRANSACTION_TYPE", "DEPOSIT WITHDRAWAL TRANSFER MANUAL_ADJUSTMENT SETTLEMENT_FEE", 1
    )
    | {"TRANSACTION_TYPE_EXECUTION_FEE": 7},
    "TransferReason": _members("TRANSFER_REASON", "UNSPECIFIED DEPOSIT WITHDRAWAL VENDOR_FEES"),
}


def _calls(service: str, unary: str, *, server: str = "", both: str = "") -> dict[str, tuple[bool, bool]]:
    kinds = ((unary, UNARY), (server, SERVER), (both, BOTH))
    return {f"polymarket.{service}/{name}": kind for names, kind in kinds for name in names.split()}


CALLS = (
    _calls("v1.HealthAPI", "HealthCheck")
    | _calls("v1.AccountsAPI", "GetWhoAmI ListAccounts")
    | _calls("v1.UsersAPI", "ListUsers")
    | _calls("v1.RefDataAPI", "ListInstruments ListSymbols GetInstrumentMetadata")
    | _calls("v1.OrderBookAPI", "GetOrderBook GetBBO")
    | _calls(
        "v1.MarketDataSubscriptionAPI",
        "",
        server="CreateMarketDataSubscription",
        both="BiDirectionalStreamMarketData",
    )
    | _calls(
        "v1.OrderEntryAPI",
        "InsertOrder InsertOrderList InsertOrderCross PreviewOrder CancelOrder CancelOrderList "
        "CancelReplaceOrder CancelReplaceOrderList GetOpenOrders",
        server="CreateOrderSubscription",
    )
    | _calls(
        "v1.ReportAPI",
        "SearchOrders GetOrder SearchExecutions GetExecution SearchTrades GetTradeStats",
        server="DownloadOrders DownloadExecutions DownloadTrades",
    )
    | _calls(
        "v1.PositionAPI",
        "ListAccountPositions GetAccountBalance ListAccountBalances GetPositionLedger",
        server="DownloadPositionLedger CreatePositionSubscription",
    )
    | _calls(
        "v1.FundingAPI",
        "GetAccountBalanceLedger",
        server="DownloadBalanceLedger CreateBalanceLedgerSubscription CreateFundingTransactionSubscription",
    )
    | _calls(
        "v1.DropCopyAPI",
        "",
        server="CreateDropCopySubscription CreateTradeCaptureReportSubscription "
        "CreateInstrumentStateChangeSubscription CreatePositionChangeSubscription",
    )
    | _calls("v1.ComboAPI", "CreateCombo GetCombos")
    | _calls(
        "v1.RFQAPI",
        "GetRFQUserID GetRFQs CreateRFQ DeleteRFQ GetQuotes CreateQuote DeleteQuote AcceptQuote "
        "ConfirmQuote GetRFQTrades",
        server="StreamRFQEvents",
    )
    | _calls("us.settlement.v1.SettlementService", "GetInstrumentSettlement")
    | _calls(
        "us.kyc.v1.KYCAPI",
        "StartKYCVerification GetKYCStatus SetWebhookURL StartKYCPrefill SubmitKYCPrefillOTP",
    )
    | _calls("us.orderfunding.v1.OrderFundingService", "CreateVendorOrder")
    | _calls(
        "us.cashmovement.v1.CashMovementService",
        "CreateCashMovement GetCashMovement GetFundingAccountBalance",
    )
)

# their paths over REST are published, their names are not
UNPUBLISHED_CALLS = {
    *_calls(
        "v1.FundingAPI",
        "ListFundingSources ListFundingAccounts UpdateFundingAccount ListFundingTransactions "
        "ListTransactionRequirements",
    ),
    *_calls(
        "v1.AeropayAPI",
        "InitializeAeropay ValidateAeropayMFA ListAeropayMethods CreateAeropayDeposit "
        "CreateAeropayWithdrawal",
    ),
    *_calls(
        "v1.CheckoutAPI",
        "CreateCheckoutPaymentSession CreateCheckoutInstrument CreateCheckoutDeposit "
        "CreateCheckoutWithdrawal",
    ),
}
