"""Models of Polymarket US exchange.

Generated from `us_exchange.openapi.yaml`; do not edit.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from polyspec_wire._call import Int64, Number, OpenEnum, shown

__all__ = [
    "RFQ",
    "AcceptQuoteRequest",
    "AcceptQuoteResponse",
    "AccountType",
    "AeropayBankAccountDetails",
    "BalanceLedgerEntry",
    "BookEntry",
    "CancelOrderListRequest",
    "CancelOrderListResponse",
    "CancelOrderRequest",
    "CancelOrderResponse",
    "CancelReplaceOrderListRequest",
    "CancelReplaceOrderListResponse",
    "CancelReplaceOrderRequest",
    "CancelReplaceOrderResponse",
    "CashMovementStatus",
    "ComboInstrument",
    "ComboLeg",
    "ConfirmQuoteRequest",
    "ConfirmQuoteResponse",
    "CreateComboRequest",
    "CreateComboResponse",
    "CreateQuoteRequest",
    "CreateQuoteResponse",
    "CreateRFQRequest",
    "CreateRFQResponse",
    "CrossType",
    "CxlRejReason",
    "Date",
    "DeleteQuoteResponse",
    "DeleteRFQResponse",
    "DownloadBalanceLedgerLine",
    "DownloadBalanceLedgerResponse",
    "DownloadExecutionsLine",
    "DownloadExecutionsRequest",
    "DownloadExecutionsResponse",
    "DownloadOrdersLine",
    "DownloadOrdersRequest",
    "DownloadOrdersResponse",
    "DownloadPositionLedgerLine",
    "DownloadPositionLedgerResponse",
    "DownloadTradesLine",
    "DownloadTradesRequest",
    "DownloadTradesResponse",
    "EventAttributes",
    "Execution",
    "ExecutionType",
    "FieldFilter",
    "FilterOperator",
    "FirmType",
    "FundingAccount",
    "FundingAccountUpdate",
    "FundingCurrencyLimit",
    "FundingSource",
    "FundingSourceType",
    "FundingTransaction",
    "FundingTransactionLimits",
    "FundingTransactionState",
    "FundingTransactionType",
    "GetAccountBalanceLedgerResponse",
    "GetAccountBalanceRequest",
    "GetAccountBalanceResponse",
    "GetBBOResponse",
    "GetCombosResponse",
    "GetExecutionResponse",
    "GetIncentivesEarnedResponse",
    "GetInstrumentMetadataRequest",
    "GetInstrumentMetadataResponse",
    "GetInstrumentSettlementResponse",
    "GetKYCStatusResponse",
    "GetOpenOrdersResponse",
    "GetOrderBookResponse",
    "GetOrderResponse",
    "GetPositionLedgerResponse",
    "GetQuotesResponse",
    "GetRFQTradesResponse",
    "GetRFQUserIDResponse",
    "GetRFQsResponse",
    "GetTradeStatsRequest",
    "GetTradeStatsResponse",
    "GetWhoAmIResponse",
    "HealthCheckResponse",
    "IncentiveProgram",
    "IncentiveTimePeriod",
    "InsertOrderCrossRequest",
    "InsertOrderCrossResponse",
    "InsertOrderListRequest",
    "InsertOrderListResponse",
    "InsertOrderRequest",
    "InsertOrderResponse",
    "Instrument",
    "InstrumentFilter",
    "InstrumentState",
    "InstrumentStats",
    "InstrumentType",
    "KYCAddress",
    "KYCAddressRequest",
    "KYCAgreement",
    "KYCDocV",
    "KYCStatus",
    "LedgerEntryType",
    "LegPrice",
    "ListAccountBalancesRequest",
    "ListAccountBalancesResponse",
    "ListAccountPositionsResponse",
    "ListAccountsResponse",
    "ListFundingAccountsResponse",
    "ListFundingSourcesResponse",
    "ListFundingTransactionsResponse",
    "ListIncentivesResponse",
    "ListInstrumentsRequest",
    "ListInstrumentsResponse",
    "ListSymbolsRequest",
    "ListSymbolsResponse",
    "ListTransactionRequirementsResponse",
    "ListUsersResponse",
    "ManualOrderIndicator",
    "MoneyAmount",
    "OrdRejectReason",
    "Order",
    "OrderCapacity",
    "OrderSizeLimit",
    "OrderState",
    "OrderStateFilter",
    "OrderType",
    "Position",
    "PositionLedgerEntry",
    "PreviewOrderRequest",
    "PreviewOrderResponse",
    "PriceLimit",
    "Quote",
    "QuoteStatus",
    "RFQComboLeg",
    "RFQStatus",
    "RFQTrade",
    "SearchExecutionsRequest",
    "SearchExecutionsResponse",
    "SearchOrdersRequest",
    "SearchOrdersResponse",
    "SearchTradesRequest",
    "SearchTradesResponse",
    "SecurityEntry",
    "SelfMatchPreventionInstruction",
    "SetWebhookURLRequest",
    "SetWebhookURLResponse",
    "Side",
    "StartKYCPrefillRequest",
    "StartKYCPrefillResponse",
    "StartKYCVerificationRequest",
    "StartKYCVerificationResponse",
    "Status",
    "StringList",
    "SubmitKYCPrefillOTPRequest",
    "SubmitKYCPrefillOTPResponse",
    "TimeInForce",
    "TimeOfDay",
    "TokenError",
    "TokenRequest",
    "TokenResponse",
    "TradableFilter",
    "Trade",
    "TradeState",
    "TradeStats",
    "TradeType",
    "TradingHours",
    "TransactionRequirement",
    "TransferReason",
    "UnsolicitedCxlReason",
    "UpdateFundingAccountRequest",
    "UpdateFundingAccountResponse",
    "UserFilter",
    "UserReward",
    "VendorOrderStatus",
]


class Side(OpenEnum):
    """YES terms. The zero member's number is inferred."""

    UNDEFINED = "SIDE_UNDEFINED"
    BUY = "SIDE_BUY"
    SELL = "SIDE_SELL"


class OrderType(OpenEnum):
    """Market-to-limit rests its remainder at the last fill price; a stop becomes one when triggered. The
    zero member's name is a guess (inferred).
    """

    UNDEFINED = "ORDER_TYPE_UNDEFINED"
    MARKET_TO_LIMIT = "ORDER_TYPE_MARKET_TO_LIMIT"
    LIMIT = "ORDER_TYPE_LIMIT"
    STOP = "ORDER_TYPE_STOP"
    STOP_LIMIT = "ORDER_TYPE_STOP_LIMIT"


class TimeInForce(OpenEnum):
    """Day orders have survived the 17:00 ET roll since 2026-09-13; use good-till-time for a sure end. The
    zero member's name is a guess (inferred).
    """

    UNDEFINED = "TIME_IN_FORCE_UNDEFINED"
    DAY = "TIME_IN_FORCE_DAY"
    GOOD_TILL_CANCEL = "TIME_IN_FORCE_GOOD_TILL_CANCEL"
    IMMEDIATE_OR_CANCEL = "TIME_IN_FORCE_IMMEDIATE_OR_CANCEL"
    GOOD_TILL_TIME = "TIME_IN_FORCE_GOOD_TILL_TIME"
    FILL_OR_KILL = "TIME_IN_FORCE_FILL_OR_KILL"


class OrderState(OpenEnum):
    """The pending states mean the engine has not handled the request yet."""

    NEW = "ORDER_STATE_NEW"
    PARTIALLY_FILLED = "ORDER_STATE_PARTIALLY_FILLED"
    FILLED = "ORDER_STATE_FILLED"
    CANCELED = "ORDER_STATE_CANCELED"
    REPLACED = "ORDER_STATE_REPLACED"
    REJECTED = "ORDER_STATE_REJECTED"
    EXPIRED = "ORDER_STATE_EXPIRED"
    PENDING_NEW = "ORDER_STATE_PENDING_NEW"
    PENDING_REPLACE = "ORDER_STATE_PENDING_REPLACE"
    PENDING_CANCEL = "ORDER_STATE_PENDING_CANCEL"
    PENDING_RISK = "ORDER_STATE_PENDING_RISK"


class OrderStateFilter(OpenEnum):
    """The zero member, taken to mean every order, is a guess (inferred)."""

    UNDEFINED = "ORDER_STATE_FILTER_UNDEFINED"
    OPEN = "ORDER_STATE_FILTER_OPEN"
    CLOSED = "ORDER_STATE_FILTER_CLOSED"
    NEW = "ORDER_STATE_FILTER_NEW"
    PARTIALLY_FILLED = "ORDER_STATE_FILTER_PARTIALLY_FILLED"
    FILLED = "ORDER_STATE_FILTER_FILLED"
    CANCELED = "ORDER_STATE_FILTER_CANCELED"
    REPLACED = "ORDER_STATE_FILTER_REPLACED"
    REJECTED = "ORDER_STATE_FILTER_REJECTED"
    EXPIRED = "ORDER_STATE_FILTER_EXPIRED"
    PENDING_RISK = "ORDER_STATE_FILTER_PENDING_RISK"


class ExecutionType(OpenEnum):
    """What happened to the order."""

    NEW = "EXECUTION_TYPE_NEW"
    PARTIAL_FILL = "EXECUTION_TYPE_PARTIAL_FILL"
    FILL = "EXECUTION_TYPE_FILL"
    CANCELED = "EXECUTION_TYPE_CANCELED"
    REPLACE = "EXECUTION_TYPE_REPLACE"
    REJECTED = "EXECUTION_TYPE_REJECTED"
    EXPIRED = "EXECUTION_TYPE_EXPIRED"
    DONE_FOR_DAY = "EXECUTION_TYPE_DONE_FOR_DAY"


class OrdRejectReason(OpenEnum):
    """Class of a refusal; most come as the zero member with the cause in the execution's text."""

    EXCHANGE_OPTION = "ORD_REJECT_REASON_EXCHANGE_OPTION"
    UNKNOWN_SYMBOL = "ORD_REJECT_REASON_UNKNOWN_SYMBOL"
    EXCHANGE_CLOSED = "ORD_REJECT_REASON_EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "ORD_REJECT_REASON_INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "ORD_REJECT_REASON_INVALID_PRICE_INCREMENT"
    INCORRECT_ORDER_TYPE = "ORD_REJECT_REASON_INCORRECT_ORDER_TYPE"
    PRICE_OUT_OF_BOUNDS = "ORD_REJECT_REASON_PRICE_OUT_OF_BOUNDS"
    NO_LIQUIDITY = "ORD_REJECT_REASON_NO_LIQUIDITY"


class CxlRejReason(OpenEnum):
    """Why a cancel or replace was refused; told on the order stream. The zero member is a guess
    (inferred).
    """

    EXCHANGE_OPTION = "CXL_REJ_REASON_EXCHANGE_OPTION"
    UNKNOWN_ORDER = "CXL_REJ_REASON_UNKNOWN_ORDER"
    EXCHANGE_CLOSED = "CXL_REJ_REASON_EXCHANGE_CLOSED"
    INCORRECT_QUANTITY = "CXL_REJ_REASON_INCORRECT_QUANTITY"
    INVALID_PRICE_INCREMENT = "CXL_REJ_REASON_INVALID_PRICE_INCREMENT"
    PRICE_OUT_OF_BOUNDS = "CXL_REJ_REASON_PRICE_OUT_OF_BOUNDS"


class UnsolicitedCxlReason(OpenEnum):
    """Why the exchange cancelled on its own. The zero member's name is a guess (inferred)."""

    UNDEFINED = "UNSOLICITED_CXL_REASON_UNDEFINED"
    CONNECTION_LOSS = "UNSOLICITED_CXL_REASON_CONNECTION_LOSS"
    LOGOUT = "UNSOLICITED_CXL_REASON_LOGOUT"
    EXCHANGE_OPTION = "UNSOLICITED_CXL_REASON_EXCHANGE_OPTION"
    OTHER = "UNSOLICITED_CXL_REASON_OTHER"


class SelfMatchPreventionInstruction(OpenEnum):
    """What to do when an order meets one of the same owner. The zero member's name is a guess (inferred)."""

    UNDEFINED = "SELF_MATCH_PREVENTION_INSTRUCTION_UNDEFINED"
    REJECT_AGGRESSOR = "SELF_MATCH_PREVENTION_INSTRUCTION_REJECT_AGGRESSOR"
    CANCEL_RESTING = "SELF_MATCH_PREVENTION_INSTRUCTION_CANCEL_RESTING"
    REMOVE_BOTH = "SELF_MATCH_PREVENTION_INSTRUCTION_REMOVE_BOTH"


class OrderCapacity(OpenEnum):
    """For whom the order is entered. The zero member's name is a guess (inferred)."""

    UNDEFINED = "ORDER_CAPACITY_UNDEFINED"
    AGENCY = "ORDER_CAPACITY_AGENCY"
    PRINCIPAL = "ORDER_CAPACITY_PRINCIPAL"
    PROPRIETARY = "ORDER_CAPACITY_PROPRIETARY"
    INDIVIDUAL = "ORDER_CAPACITY_INDIVIDUAL"
    RISKLESS_PRINCIPAL = "ORDER_CAPACITY_RISKLESS_PRINCIPAL"
    AGENT_FOR_OTHER_MEMBER = "ORDER_CAPACITY_AGENT_FOR_OTHER_MEMBER"


class ManualOrderIndicator(OpenEnum):
    """Whether a person entered the order. The retail API spells the last member AUTOMATIC. The zero
    member's name is a guess (inferred).
    """

    UNDEFINED = "MANUAL_ORDER_INDICATOR_UNDEFINED"
    MANUAL = "MANUAL_ORDER_INDICATOR_MANUAL"
    AUTOMATED = "MANUAL_ORDER_INDICATOR_AUTOMATED"


class CrossType(OpenEnum):
    """The zero member's name is a guess (inferred)."""

    UNDEFINED = "CROSS_TYPE_UNDEFINED"
    ALL_OR_NONE = "CROSS_TYPE_ALL_OR_NONE"


class TradeState(OpenEnum):
    """A cleared trade can still be busted, under the same id."""

    UNDEFINED = "TRADE_STATE_UNDEFINED"
    NEW = "TRADE_STATE_NEW"
    CLEARED = "TRADE_STATE_CLEARED"
    BUSTED = "TRADE_STATE_BUSTED"
    INFLIGHT = "TRADE_STATE_INFLIGHT"
    PENDING_RISK = "TRADE_STATE_PENDING_RISK"
    PENDING_CLEARED = "TRADE_STATE_PENDING_CLEARED"
    REJECTED = "TRADE_STATE_REJECTED"
    CLEARING_ACKNOWLEDGED = "TRADE_STATE_CLEARING_ACKNOWLEDGED"
    RETRY_REQUEST = "TRADE_STATE_RETRY_REQUEST"


class TradeType(OpenEnum):
    """How the parties met. The zero member's name is a guess (inferred)."""

    UNDEFINED = "TRADE_TYPE_UNDEFINED"
    REGULAR = "TRADE_TYPE_REGULAR"
    REQUEST_FOR_QUOTE = "TRADE_TYPE_REQUEST_FOR_QUOTE"
    BLOCK = "TRADE_TYPE_BLOCK"
    CROSS = "TRADE_TYPE_CROSS"


class InstrumentState(OpenEnum):
    """Open matches. Pre-open takes orders and matches on opening; the closing auction matches on leaving
    it. Suspended takes cancels only, halted and closed take nothing.
    """

    CLOSED = "INSTRUMENT_STATE_CLOSED"
    OPEN = "INSTRUMENT_STATE_OPEN"
    PREOPEN = "INSTRUMENT_STATE_PREOPEN"
    SUSPENDED = "INSTRUMENT_STATE_SUSPENDED"
    EXPIRED = "INSTRUMENT_STATE_EXPIRED"
    TERMINATED = "INSTRUMENT_STATE_TERMINATED"
    HALTED = "INSTRUMENT_STATE_HALTED"
    MATCH_AND_CLOSE_AUCTION = "INSTRUMENT_STATE_MATCH_AND_CLOSE_AUCTION"
    PENDING = "INSTRUMENT_STATE_PENDING"


class InstrumentType(OpenEnum):
    """Prediction markets are events. The zero member's name is a guess (inferred)."""

    UNDEFINED = "INSTRUMENT_TYPE_UNDEFINED"
    DEFAULT = "INSTRUMENT_TYPE_DEFAULT"
    FUTURE = "INSTRUMENT_TYPE_FUTURE"
    OPTION = "INSTRUMENT_TYPE_OPTION"
    MULTILEG = "INSTRUMENT_TYPE_MULTILEG"
    IRS = "INSTRUMENT_TYPE_IRS"
    FRA = "INSTRUMENT_TYPE_FRA"
    FSIRS = "INSTRUMENT_TYPE_FSIRS"
    BASIS = "INSTRUMENT_TYPE_BASIS"
    EVENT = "INSTRUMENT_TYPE_EVENT"
    OIS = "INSTRUMENT_TYPE_OIS"
    SPS = "INSTRUMENT_TYPE_SPS"
    NDF = "INSTRUMENT_TYPE_NDF"
    FOREX = "INSTRUMENT_TYPE_FOREX"
    ZCIS = "INSTRUMENT_TYPE_ZCIS"
    XCCY = "INSTRUMENT_TYPE_XCCY"


class TradableFilter(OpenEnum):
    """Leave it out for all. The zero member is named by a guide, not by the schema; its number is
    inferred.
    """

    ALL = "TRADABLE_FILTER_ALL"
    NON_TRADABLE = "TRADABLE_FILTER_NON_TRADABLE"
    TRADABLE = "TRADABLE_FILTER_TRADABLE"


class FilterOperator(OpenEnum):
    """Comparison of a field filter. The zero member's name is a guess (inferred)."""

    UNDEFINED = "FILTER_OPERATOR_UNDEFINED"
    EQ = "FILTER_OPERATOR_EQ"
    NE = "FILTER_OPERATOR_NE"
    LT = "FILTER_OPERATOR_LT"
    LE = "FILTER_OPERATOR_LE"
    GT = "FILTER_OPERATOR_GT"
    GE = "FILTER_OPERATOR_GE"
    LIKE = "FILTER_OPERATOR_LIKE"
    IN = "FILTER_OPERATOR_IN"
    NOT_IN = "FILTER_OPERATOR_NOT_IN"


class FirmType(OpenEnum):
    """A sample shows FIRM_TYPE_TRADER, which the schema does not have. The zero member's name is a guess
    (inferred).
    """

    UNDEFINED = "FIRM_TYPE_UNDEFINED"
    PARTICIPANT = "FIRM_TYPE_PARTICIPANT"
    SUPERVISOR = "FIRM_TYPE_SUPERVISOR"
    CLEARING_MEMBER = "FIRM_TYPE_CLEARING_MEMBER"
    CLEARING_HOUSE = "FIRM_TYPE_CLEARING_HOUSE"
    AGENT = "FIRM_TYPE_AGENT"


class RFQStatus(OpenEnum):
    """The zero member's name comes from the retail SDK, its number is inferred."""

    UNSPECIFIED = "RFQ_STATUS_UNSPECIFIED"
    OPEN = "RFQ_STATUS_OPEN"
    CLOSED = "RFQ_STATUS_CLOSED"


class QuoteStatus(OpenEnum):
    """The zero member's name comes from the retail SDK, its number is inferred."""

    UNDEFINED = "QUOTE_STATUS_UNDEFINED"
    ACTIVE = "QUOTE_STATUS_ACTIVE"
    CONFIRMED = "QUOTE_STATUS_CONFIRMED"
    DELETED = "QUOTE_STATUS_DELETED"
    ACCEPTED = "QUOTE_STATUS_ACCEPTED"
    EXECUTED = "QUOTE_STATUS_EXECUTED"


class UserFilter(OpenEnum):
    """The zero member's name is a guess (inferred)."""

    UNDEFINED = "USER_FILTER_UNDEFINED"
    SELF = "USER_FILTER_SELF"


class LedgerEntryType(OpenEnum):
    """The venue keeps some types to itself and answers 409 when asked for them: netting, security balance
    adjustment, security mark to market, contract expiration, pending credit adjustment, beginning of
    day, security withdrawal, average price transfer, give up, synchronization, interest and settlement
    fee. Samples also show bare names such as ORDER_EXECUTION and one LEDGER_ENTRY_TYPE_CREDIT; read
    whatever comes. The zero member's name is a guess (inferred).
    """

    UNDEFINED = "LEDGER_ENTRY_TYPE_BALANCE_UNDEFINED"
    DEPOSIT = "LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT"
    WITHDRAWAL = "LEDGER_ENTRY_TYPE_BALANCE_WITHDRAWAL"
    ORDER_EXECUTION = "LEDGER_ENTRY_TYPE_BALANCE_ORDER_EXECUTION"
    CORRECTION = "LEDGER_ENTRY_TYPE_BALANCE_CORRECTION"
    NETTING = "LEDGER_ENTRY_TYPE_BALANCE_NETTING"
    RESOLUTION = "LEDGER_ENTRY_TYPE_BALANCE_RESOLUTION"
    MANUAL_ADJUSTMENT = "LEDGER_ENTRY_TYPE_BALANCE_MANUAL_ADJUSTMENT"
    SECURITY_BALANCE_ADJUSTMENT = "LEDGER_ENTRY_TYPE_BALANCE_SECURITY_BALANCE_ADJUSTMENT"
    SECURITY_MARK_TO_MARKET = "LEDGER_ENTRY_TYPE_BALANCE_SECURITY_MARK_TO_MARKET"
    ACCOUNT_PROPERTY_ADJUSTMENT = "LEDGER_ENTRY_TYPE_BALANCE_ACCOUNT_PROPERTY_ADJUSTMENT"
    COMMISSION = "LEDGER_ENTRY_TYPE_BALANCE_COMMISSION"
    CONTRACT_EXPIRATION = "LEDGER_ENTRY_TYPE_BALANCE_CONTRACT_EXPIRATION"
    PENDING_CREDIT_ADJUSTMENT = "LEDGER_ENTRY_TYPE_BALANCE_PENDING_CREDIT_ADJUSTMENT"
    BEGINNING_OF_DAY = "LEDGER_ENTRY_TYPE_BALANCE_BEGINNING_OF_DAY"
    SECURITY_WITHDRAWAL = "LEDGER_ENTRY_TYPE_BALANCE_SECURITY_WITHDRAWAL"
    WITHDRAWAL_REJECTION = "LEDGER_ENTRY_TYPE_BALANCE_WITHDRAWAL_REJECTION"
    MANUAL_TRANSFER = "LEDGER_ENTRY_TYPE_BALANCE_MANUAL_TRANSFER"
    AVERAGE_PRICE_TRANSFER = "LEDGER_ENTRY_TYPE_BALANCE_AVERAGE_PRICE_TRANSFER"
    GIVE_UP = "LEDGER_ENTRY_TYPE_BALANCE_GIVE_UP"
    SYNCHRONIZATION = "LEDGER_ENTRY_TYPE_BALANCE_SYNCHRONIZATION"
    INTEREST = "LEDGER_ENTRY_TYPE_BALANCE_INTEREST"
    PENDING_WITHDRAWAL_CREATION = "LEDGER_ENTRY_TYPE_BALANCE_PENDING_WITHDRAWAL_CREATION"
    SETTLEMENT_FEE = "LEDGER_ENTRY_TYPE_BALANCE_SETTLEMENT_FEE"


class FundingTransactionState(OpenEnum):
    """How far a transaction got."""

    PENDING = "TRANSACTION_STATE_PENDING"
    ACKNOWLEDGED = "TRANSACTION_STATE_ACKNOWLEDGED"
    COMPLETED = "TRANSACTION_STATE_COMPLETED"
    CANCELLED = "TRANSACTION_STATE_CANCELLED"
    ALLOCATED = "TRANSACTION_STATE_ALLOCATED"
    PARTIALLY_REFUNDED = "TRANSACTION_STATE_PARTIALLY_REFUNDED"
    REFUNDED = "TRANSACTION_STATE_REFUNDED"
    PARTIALLY_RELEASED = "TRANSACTION_STATE_PARTIALLY_RELEASED"
    RELEASED = "TRANSACTION_STATE_RELEASED"
    PROCESSING = "TRANSACTION_STATE_PROCESSING"


class FundingTransactionType(OpenEnum):
    """Number 6 is not published. The zero member's name is a guess (inferred)."""

    UNDEFINED = "TRANSACTION_TYPE_UNDEFINED"
    DEPOSIT = "TRANSACTION_TYPE_DEPOSIT"
    WITHDRAWAL = "TRANSACTION_TYPE_WITHDRAWAL"
    TRANSFER = "TRANSACTION_TYPE_TRANSFER"
    MANUAL_ADJUSTMENT = "TRANSACTION_TYPE_MANUAL_ADJUSTMENT"
    SETTLEMENT_FEE = "TRANSACTION_TYPE_SETTLEMENT_FEE"
    EXECUTION_FEE = "TRANSACTION_TYPE_EXECUTION_FEE"


class FundingSourceType(OpenEnum):
    """The zero member's name is a guess (inferred)."""

    UNDEFINED = "FUNDING_SOURCE_TYPE_UNDEFINED"
    BANK_ACCOUNT = "FUNDING_SOURCE_TYPE_BANK_ACCOUNT"
    AEROPAY_BANK_ACCOUNT = "FUNDING_SOURCE_TYPE_AEROPAY_BANK_ACCOUNT"
    CHECKOUT_CARD = "FUNDING_SOURCE_TYPE_CHECKOUT_CARD"
    APPLE_PAY = "FUNDING_SOURCE_TYPE_APPLE_PAY"


class AccountType(OpenEnum):
    """The zero member's name is a guess (inferred)."""

    UNDEFINED = "ACCOUNT_TYPE_UNDEFINED"
    CLEARING = "ACCOUNT_TYPE_CLEARING"
    REVENUE = "ACCOUNT_TYPE_REVENUE"
    HOLDING = "ACCOUNT_TYPE_HOLDING"
    ADVANCE = "ACCOUNT_TYPE_ADVANCE"


class TransferReason(OpenEnum):
    """Why a partner moves cash."""

    UNSPECIFIED = "TRANSFER_REASON_UNSPECIFIED"
    DEPOSIT = "TRANSFER_REASON_DEPOSIT"
    WITHDRAWAL = "TRANSFER_REASON_WITHDRAWAL"
    VENDOR_FEES = "TRANSFER_REASON_VENDOR_FEES"


class CashMovementStatus(OpenEnum):
    """Published without a prefix; the prefix and the zero member are guesses (inferred)."""

    UNSPECIFIED = "CASH_MOVEMENT_STATUS_UNSPECIFIED"
    PENDING = "CASH_MOVEMENT_STATUS_PENDING"
    CONFIRMED = "CASH_MOVEMENT_STATUS_CONFIRMED"
    REJECTED = "CASH_MOVEMENT_STATUS_REJECTED"
    AMBIGUOUS = "CASH_MOVEMENT_STATUS_AMBIGUOUS"


class VendorOrderStatus(OpenEnum):
    """Pending means send the identical request again. The zero member's name is a guess (inferred)."""

    UNSPECIFIED = "VENDOR_ORDER_STATUS_UNSPECIFIED"
    ACCEPTED = "VENDOR_ORDER_STATUS_ACCEPTED"
    REJECTED = "VENDOR_ORDER_STATUS_REJECTED"
    PENDING = "VENDOR_ORDER_STATUS_PENDING"


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Error body. `code` is a gRPC status number and the only field that is always there."""

    code: int = 0
    """gRPC status, e.g. 3 invalid argument, 7 denied, 8 rate limit."""
    message: str = ""
    """Text for people; not stable."""
    details: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """Further detail; empty in everything seen so far."""


class Date(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A calendar day."""

    year: int = 0
    month: int = 0
    """1 to 12."""
    day: int = 0
    """1 to 31."""


class TimeOfDay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time of day."""

    hours: int = 0
    minutes: int = 0
    seconds: int = 0


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Client credentials grant with a private-key JWT."""

    client_id: str
    """Client id of the environment."""
    client_assertion_type: str
    """Always `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."""
    client_assertion: str
    """The signed JWT."""
    audience: str
    """Base URL of the API the token is for."""
    grant_type: str
    """Always `client_credentials`."""

    def __repr__(self) -> str:
        return shown(self, ("client_assertion",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("TokenRequest carries a secret and cannot be pickled")


class TokenResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bearer token and how long it lives."""

    access_token: str
    """JWT to send as bearer token."""
    token_type: str
    """`Bearer`."""
    expires_in: int
    """Seconds, 180."""
    scope: str = ""
    """Scopes granted, separated by spaces; not always told."""

    def __repr__(self) -> str:
        return shown(self, ("access_token",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("TokenResponse carries a secret and cannot be pickled")


class TokenError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why no token was given, in the words of OAuth."""

    error: str
    """`invalid_client`, `invalid_client_assertion` and other OAuth codes."""
    error_description: str = ""
    """Text for people."""


class HealthCheckResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of the gateway."""

    status: str = ""
    """`ok`."""


class GetWhoAmIResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The caller. Prose elsewhere mentions other fields; these six are the schema's."""

    user: str = ""
    """`firms/{firm}/users/{user}`."""
    user_display_name: str = msgspec.field(default="", name="userDisplayName")
    firm: str = ""
    """`firms/{firm}`; may differ from the participant firm."""
    firm_display_name: str = msgspec.field(default="", name="firmDisplayName")
    audience: str = ""
    """Audience of the token."""
    firm_type: FirmType = msgspec.field(default=FirmType.UNDEFINED, name="firmType")


class ListUsersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Four lists of equal length; entry n of each belongs together."""

    users: list[str] = msgspec.field(default_factory=list)
    """`firms/{firm}/users/{user}`."""
    display_names: list[str] = msgspec.field(default_factory=list, name="displayNames")
    firms: list[str] = msgspec.field(default_factory=list)
    firms_display_names: list[str] = msgspec.field(default_factory=list, name="firmsDisplayNames")


class ListAccountsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two lists of equal length; entry n of each belongs together."""

    accounts: list[str] = msgspec.field(default_factory=list)
    """`firms/{firm}/accounts/{account}`."""
    display_names: list[str] = msgspec.field(default_factory=list, name="displayNames")


class ListInstrumentsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional and all applied together."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    """Default 50, at most 1000."""
    page_token: str = msgspec.field(default="", name="pageToken")
    symbols: list[str] = msgspec.field(default_factory=list)
    """Exact symbols."""
    product_id: str = msgspec.field(default="", name="productId")
    """Exact product."""
    tradable_filter: TradableFilter = msgspec.field(default=TradableFilter.ALL, name="tradableFilter")
    states: list[InstrumentState] = msgspec.field(default_factory=list)
    """Any of these."""
    type: InstrumentType = InstrumentType.UNDEFINED
    event_series: str = msgspec.field(default="", name="eventSeries")
    """Compared with the metadata key `event_series`."""
    market_category: str = msgspec.field(default="", name="marketCategory")
    market_type: str = msgspec.field(default="", name="marketType")
    game_id: str = msgspec.field(default="", name="gameId")
    clearing_sym: str = msgspec.field(default="", name="clearingSym")
    """Prefix, e.g. `AEC-NFL`."""
    event_category: str = msgspec.field(default="", name="eventCategory")
    """E.g. `SPR`, `POL`, `CUL`, `CRY`."""
    start_time_gte: str = msgspec.field(default="", name="startTimeGte")
    """`YYYY-MM-DD` or a timestamp, against the start date."""
    start_time_lte: str = msgspec.field(default="", name="startTimeLte")
    """`YYYY-MM-DD` or a timestamp, against the start date."""
    end_time_gte: str = msgspec.field(default="", name="endTimeGte")
    """`YYYY-MM-DD` or a timestamp, against the expiration date."""
    end_time_lte: str = msgspec.field(default="", name="endTimeLte")
    """`YYYY-MM-DD` or a timestamp, against the expiration date."""
    filter: InstrumentFilter | None = None


class InstrumentFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition and field filters; all must hold."""

    where_clause: str = msgspec.field(default="", name="whereClause")
    """SQL-like. Dependable with `=`, `LIKE` and `AND` on state, symbol, event_series, event_category,
    clearing_sym, clearing_house and product_id. Some other columns the schema lists make the venue fail
    with 500.
    """
    field_filters: list[FieldFilter] = msgspec.field(default_factory=list, name="fieldFilters")


class FieldFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One comparison. Exactly one of the four values is set."""

    field: str = ""
    operator: FilterOperator = FilterOperator.UNDEFINED
    string_value: str | None = msgspec.field(default=None, name="stringValue")
    int_value: Int64 | None = msgspec.field(default=None, name="intValue")
    double_value: Number | None = msgspec.field(default=None, name="doubleValue")
    string_list: StringList | None = msgspec.field(default=None, name="stringList")


class StringList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values for a list operator."""

    values: list[str] = msgspec.field(default_factory=list)


class ListInstrumentsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of instruments."""

    instruments: list[Instrument] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class ListSymbolsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No fields."""


class ListSymbolsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every symbol."""

    symbols: list[str] = msgspec.field(default_factory=list)


class GetInstrumentMetadataRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No fields."""


class GetInstrumentMetadataResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Metadata by key."""

    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tradable contract. Prices are integers at `priceScale`, quantities at `fractionalQtyScale`. Tick
    and scales are the instrument's own and not to be derived from its product. `expirationDate` is
    documented as an object; one published recording shows a plain string.
    """

    symbol: str = ""
    """`{product}-{event}-{outcome}`; equal to the retail market slug."""
    tick_size: Number = msgspec.field(default=Decimal(0), name="tickSize")
    """Dollars."""
    base_currency: str = msgspec.field(default="", name="baseCurrency")
    multiplier: Number = Decimal(0)
    minimum_trade_qty: Int64 = msgspec.field(default=0, name="minimumTradeQty")
    """Smallest order, at quantity scale."""
    start_date: Date | None = msgspec.field(default=None, name="startDate")
    expiration_date: Date | None = msgspec.field(default=None, name="expirationDate")
    termination_date: Date | None = msgspec.field(default=None, name="terminationDate")
    trading_schedule: list[TradingHours] = msgspec.field(default_factory=list, name="tradingSchedule")
    description: str = ""
    clearing_house: str = msgspec.field(default="", name="clearingHouse")
    """`QCC`."""
    minimum_unaffiliated_firms: Int64 = msgspec.field(default=0, name="minimumUnaffiliatedFirms")
    non_tradable: bool = msgspec.field(default=False, name="nonTradable")
    json_attributes: str = msgspec.field(default="", name="jsonAttributes")
    """JSON in a string."""
    product_id: str = msgspec.field(default="", name="productId")
    price_limit: PriceLimit | None = msgspec.field(default=None, name="priceLimit")
    order_size_limit: OrderSizeLimit | None = msgspec.field(default=None, name="orderSizeLimit")
    expiration_time: TimeOfDay | None = msgspec.field(default=None, name="expirationTime")
    trade_settlement_period: Int64 = msgspec.field(default=0, name="tradeSettlementPeriod")
    state: InstrumentState = InstrumentState.CLOSED
    price_scale: Int64 = msgspec.field(default=0, name="priceScale")
    """Divisor of every price: 100 for cents."""
    fractional_qty_scale: Int64 = msgspec.field(default=0, name="fractionalQtyScale")
    """Divisor of every quantity; absent means 1."""
    settlement_currency: str = msgspec.field(default="", name="settlementCurrency")
    settlement_price_scale: Int64 = msgspec.field(default=0, name="settlementPriceScale")
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys vary with the kind of market and none is promised."""
    event_attributes: EventAttributes | None = msgspec.field(default=None, name="eventAttributes")
    create_time: dt.datetime | None = msgspec.field(default=None, name="createTime")
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")


class TradingHours(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a weekly schedule."""

    days_of_week: list[int] = msgspec.field(default_factory=list, name="daysOfWeek")
    time_of_day: TimeOfDay | None = msgspec.field(default=None, name="timeOfDay")
    duration: str = ""
    """Protobuf duration, e.g. `86400s`."""
    state: InstrumentState = InstrumentState.CLOSED
    hide_market_data: bool = msgspec.field(default=False, name="hideMarketData")
    expire_all_orders: bool = msgspec.field(default=False, name="expireAllOrders")


class PriceLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds of an order's price. A bound counts only when its `Set` flag does."""

    low: Int64 = 0
    """Lowest price, at price scale."""
    high: Int64 = 0
    """Highest price, at price scale."""
    low_set: bool = msgspec.field(default=False, name="lowSet")
    high_set: bool = msgspec.field(default=False, name="highSet")
    relative_low: Number = msgspec.field(default=Decimal(0), name="relativeLow")
    """Dollars below the reference price."""
    relative_high: Number = msgspec.field(default=Decimal(0), name="relativeHigh")
    """Dollars above the reference price."""
    relative_low_set: bool = msgspec.field(default=False, name="relativeLowSet")
    relative_high_set: bool = msgspec.field(default=False, name="relativeHighSet")


class OrderSizeLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds of an order's size. A bound counts only when its `Set` flag does."""

    low: Int64 = 0
    """Smallest quantity, at quantity scale."""
    high: Int64 = 0
    """Largest quantity, at quantity scale."""
    low_set: bool = msgspec.field(default=False, name="lowSet")
    high_set: bool = msgspec.field(default=False, name="highSet")
    total_notional_low: Int64 = msgspec.field(default=0, name="totalNotionalLow")
    """Smallest notional value of an order."""
    total_notional_high: Int64 = msgspec.field(default=0, name="totalNotionalHigh")
    """Largest notional value of an order."""
    total_notional_low_set: bool = msgspec.field(default=False, name="totalNotionalLowSet")
    total_notional_high_set: bool = msgspec.field(default=False, name="totalNotionalHighSet")


class EventAttributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the contract is about and how it pays."""

    question: str = ""
    payout_value: str = msgspec.field(default="", name="payoutValue")
    """Integer at price scale: `100` when `priceScale` is 100."""
    evaluation_type: str = msgspec.field(default="", name="evaluationType")
    """`>`, `<` or `=`."""
    event_id: str = msgspec.field(default="", name="eventId")
    """Equals the product id; the game's own id is metadata `event_id`."""
    event_display_name: str = msgspec.field(default="", name="eventDisplayName")
    strike_value: str = msgspec.field(default="", name="strikeValue")
    strike_unit: str = msgspec.field(default="", name="strikeUnit")
    """E.g. `decimal`."""
    calculation_method: str = msgspec.field(default="", name="calculationMethod")
    """E.g. `CALCULATION_METHOD_VALUE`."""
    position_accountability_value: str = msgspec.field(default="", name="positionAccountabilityValue")
    time_specifier: Date | None = msgspec.field(default=None, name="timeSpecifier")
    event_outcome: str = msgspec.field(default="", name="eventOutcome")
    """`EVENT_OUTCOME_MUTUALLY_EXCLUSIVE`, `EVENT_OUTCOME_DIRECTIONAL` or `EVENT_OUTCOME_INDEPENDENT`."""


class BookEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One price level."""

    px: Int64 = 0
    """Price, at price scale."""
    qty: Int64 = 0
    """Quantity resting there, at quantity scale."""


class GetOrderBookResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The book of one instrument at one moment. `state` may be missing; it is not part of every answer."""

    symbol: str = ""
    bids: list[BookEntry] = msgspec.field(default_factory=list)
    """Highest first."""
    offers: list[BookEntry] = msgspec.field(default_factory=list)
    """Lowest first."""
    state: InstrumentState | None = None
    stats: InstrumentStats | None = None
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    """When the book last changed."""


class GetBBOResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The best prices of one instrument at one moment. `state` may be missing; it is not part of every
    answer.
    """

    symbol: str = ""
    best_bid: BookEntry | None = msgspec.field(default=None, name="bestBid")
    best_offer: BookEntry | None = msgspec.field(default=None, name="bestOffer")
    spread: Int64 = 0
    """Offer less bid, at price scale."""
    mid_price: Int64 = msgspec.field(default=0, name="midPrice")
    """At price scale."""
    state: InstrumentState | None = None
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    """When the book last changed."""


class InstrumentStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Day statistics. Every field tells absent from zero. Settlement fields appear only once the
    instrument is closed, expired or terminated.
    """

    open_px: Int64 | None = msgspec.field(default=None, name="openPx")
    """At price scale."""
    close_px: Int64 | None = msgspec.field(default=None, name="closePx")
    """At price scale."""
    low_px: Int64 | None = msgspec.field(default=None, name="lowPx")
    """At price scale."""
    high_px: Int64 | None = msgspec.field(default=None, name="highPx")
    """At price scale."""
    last_trade_px: Int64 | None = msgspec.field(default=None, name="lastTradePx")
    """At price scale."""
    indicative_open_px: Int64 | None = msgspec.field(default=None, name="indicativeOpenPx")
    """At price scale."""
    settlement_px: Int64 | None = msgspec.field(default=None, name="settlementPx")
    """At price scale; zero is a real price."""
    shares_traded: Int64 | None = msgspec.field(default=None, name="sharesTraded")
    """At quantity scale."""
    notional_traded: Int64 | None = msgspec.field(default=None, name="notionalTraded")
    """At price times quantity scale."""
    open_interest: Int64 | None = msgspec.field(default=None, name="openInterest")
    """At quantity scale."""
    settlement_preliminary: bool | None = msgspec.field(default=None, name="settlementPreliminary")
    """False once final."""
    settlement_price_calculation_method: str | None = msgspec.field(
        default=None, name="settlementPriceCalculationMethod"
    )
    """`SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1` for event markets."""
    settlement_price_calculation_text: str | None = msgspec.field(
        default=None, name="settlementPriceCalculationText"
    )
    last_trade_qty: Int64 | None = msgspec.field(default=None, name="lastTradeQty")
    """At quantity scale."""
    settlement_set_time: dt.datetime | None = msgspec.field(default=None, name="settlementSetTime")


class GetInstrumentSettlementResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The settlement of an instrument. `stats` holds settlement fields only, and only once final."""

    symbol: str = ""
    stats: InstrumentStats | None = None
    price_scale: Int64 = msgspec.field(default=0, name="priceScale")
    """Divisor of `stats.settlementPx`."""


class InsertOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order. Exactly one of `orderQty` and `cashOrderQty` is set. The venue's schema marks nothing as
    required; the fields listed here are refused when missing.
    """

    type: OrderType
    side: Side
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """Contracts, at quantity scale."""
    symbol: str
    price: Int64 = 0
    """At price scale. Limit and stop-limit orders."""
    time_in_force: TimeInForce = msgspec.field(name="timeInForce")
    clord_id: str = msgspec.field(default="", name="clordId")
    """The caller's id, unique among open orders. Partners: 1 to 64 visible ASCII."""
    account: str = ""
    """`firms/{firm}/accounts/{account}`."""
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """At price scale. Stop and stop-limit orders."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """Least quantity to fill at once, at quantity scale. IOC only."""
    self_match_prevention_id: str = msgspec.field(default="", name="selfMatchPreventionId")
    """Orders sharing it do not trade with each other."""
    quote: str = ""
    """Id of a quote. No public page uses it."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    session_id: str = msgspec.field(default="", name="sessionId")
    """Order stream session to tie the order to (inferred)."""
    user: str = ""
    """Act for another user, `firms/{firm}/users/{user}`."""
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    """Free text."""
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    """Free text."""
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    """Post-only: refused if it would match."""
    cash_order_qty: Int64 = msgspec.field(default=0, name="cashOrderQty")
    """Dollars at price scale, in place of a quantity."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    """Fill at exactly the limit price or not at all."""
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    """End of a good-till-time order."""
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    """Take the best price of the own side as limit."""
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    """Take the best price of the other side as limit."""
    self_match_prevention_instruction: SelfMatchPreventionInstruction = msgspec.field(
        default=SelfMatchPreventionInstruction.UNDEFINED, name="selfMatchPreventionInstruction"
    )
    order_capacity: OrderCapacity = msgspec.field(default=OrderCapacity.UNDEFINED, name="orderCapacity")
    ignore_price_validity_checks: bool = msgspec.field(default=False, name="ignorePriceValidityChecks")
    """Only for market-to-limit sells."""
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class InsertOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Says where to look, not that the order stands."""

    order_id: str = msgspec.field(default="", name="orderId")
    order: Order | None = None


class InsertOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 20 orders."""

    requests: list[InsertOrderRequest]


class InsertOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer per order, in the order sent."""

    responses: list[InsertOrderResponse] = msgspec.field(default_factory=list)


class InsertOrderCrossRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two orders for each other, under one id."""

    requests: list[InsertOrderRequest]
    """The two sides."""
    cross_type: CrossType = msgspec.field(default=CrossType.UNDEFINED, name="crossType")
    cross_id: str = msgspec.field(default="", name="crossId")
    """The caller's id of the cross."""
    cross_prioritized_side: Side = msgspec.field(default=Side.UNDEFINED, name="crossPrioritizedSide")


class InsertOrderCrossResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer per side."""

    responses: list[InsertOrderResponse] = msgspec.field(default_factory=list)


class PreviewOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order to check."""

    request: InsertOrderRequest


class PreviewOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order as it would stand."""

    preview_order: Order | None = msgspec.field(default=None, name="previewOrder")


class CancelOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names the order by `orderId`, by `clordId` or both. Nothing is marked as required; sending `orderId`
    and `symbol` is the inferred safe choice.
    """

    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    symbol: str = ""


class CancelOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class CancelOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 20 cancels."""

    requests: list[CancelOrderRequest]


class CancelOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One empty answer per cancel."""

    responses: list[CancelOrderResponse] = msgspec.field(default_factory=list)


class CancelReplaceOrderRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order to change, named as in a cancel, and its new terms."""

    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    symbol: str = ""
    price: Int64 = 0
    """New price, at price scale."""
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """New total quantity, at quantity scale."""
    time_in_force: TimeInForce = msgspec.field(default=TimeInForce.UNDEFINED, name="timeInForce")
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """New stop price, at price scale."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """At quantity scale."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    """Post-only."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class CancelReplaceOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class CancelReplaceOrderListRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 20 changes."""

    requests: list[CancelReplaceOrderRequest]


class CancelReplaceOrderListResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One empty answer per change."""

    responses: list[CancelReplaceOrderResponse] = msgspec.field(default_factory=list)


class GetOpenOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Working orders."""

    orders: list[Order] = msgspec.field(default_factory=list)


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order and how far it got. Why it was refused is told on its execution, not here. Commissions are
    dollars at price times quantity scale, negative for a rebate.
    """

    id: str = ""
    """Given by the exchange."""
    type: OrderType = OrderType.UNDEFINED
    side: Side = Side.UNDEFINED
    order_qty: Int64 = msgspec.field(default=0, name="orderQty")
    """At quantity scale."""
    symbol: str = ""
    clord_id: str = msgspec.field(default="", name="clordId")
    time_in_force: TimeInForce = msgspec.field(default=TimeInForce.UNDEFINED, name="timeInForce")
    account: str = ""
    cum_qty: Int64 = msgspec.field(default=0, name="cumQty")
    """Filled so far, at quantity scale."""
    avg_px: Int64 = msgspec.field(default=0, name="avgPx")
    """Mean fill price, at price scale."""
    leaves_qty: Int64 = msgspec.field(default=0, name="leavesQty")
    """Still open, at quantity scale."""
    state: OrderState = OrderState.NEW
    participant: str = ""
    """`firms/{firm}/users/{user}`."""
    price: Int64 = 0
    """At price scale."""
    insert_time: dt.datetime | None = msgspec.field(default=None, name="insertTime")
    """When it entered the book."""
    stop_price: Int64 = msgspec.field(default=0, name="stopPrice")
    """At price scale."""
    min_qty: Int64 = msgspec.field(default=0, name="minQty")
    """At quantity scale."""
    create_time: dt.datetime | None = msgspec.field(default=None, name="createTime")
    """When it was received."""
    all_or_none: bool = msgspec.field(default=False, name="allOrNone")
    cross_id: str = msgspec.field(default="", name="crossId")
    host_cross_id: str = msgspec.field(default="", name="hostCrossId")
    submitting_participant: str = msgspec.field(default="", name="submittingParticipant")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    commissions_basis_points: str = msgspec.field(default="", name="commissionsBasisPoints")
    """Decimal text; empty when there is none."""
    participate_dont_initiate: bool = msgspec.field(default=False, name="participateDontInitiate")
    cash_order_qty: Int64 = msgspec.field(default=0, name="cashOrderQty")
    """Dollars at price scale."""
    strict_limit: bool = msgspec.field(default=False, name="strictLimit")
    good_till_time: dt.datetime | None = msgspec.field(default=None, name="goodTillTime")
    best_limit: bool = msgspec.field(default=False, name="bestLimit")
    immediately_executable_limit: bool = msgspec.field(default=False, name="immediatelyExecutableLimit")
    last_trade_id: str = msgspec.field(default="", name="lastTradeId")
    commission_notional_total_collected: Int64 = msgspec.field(
        default=0, name="commissionNotionalTotalCollected"
    )
    """Dollars at price times quantity scale."""
    self_match_prevention_instruction: SelfMatchPreventionInstruction = msgspec.field(
        default=SelfMatchPreventionInstruction.UNDEFINED, name="selfMatchPreventionInstruction"
    )
    order_capacity: OrderCapacity = msgspec.field(default=OrderCapacity.UNDEFINED, name="orderCapacity")
    ignore_price_validity_checks: bool = msgspec.field(default=False, name="ignorePriceValidityChecks")
    last_transact_time: dt.datetime | None = msgspec.field(default=None, name="lastTransactTime")
    price_scale: Int64 = msgspec.field(default=0, name="priceScale")
    """Divisor of the prices above."""
    fractional_quantity_scale: Int64 = msgspec.field(default=0, name="fractionalQuantityScale")
    """Divisor of the quantities above; absent means 1."""
    price_to_quantity_filled: dict[int, Int64] = msgspec.field(
        default_factory=dict, name="priceToQuantityFilled"
    )
    """Quantity filled at each price, both scaled."""
    maker_commissions_basis_points: str = msgspec.field(default="", name="makerCommissionsBasisPoints")
    """Decimal text; empty when there is none."""
    manual_order_indicator: ManualOrderIndicator = msgspec.field(
        default=ManualOrderIndicator.UNDEFINED, name="manualOrderIndicator"
    )


class SearchOrdersRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    side: Side = Side.UNDEFINED
    type: OrderType = OrderType.UNDEFINED
    order_state_filter: OrderStateFilter = msgspec.field(
        default=OrderStateFilter.UNDEFINED, name="orderStateFilter"
    )
    cross_id: str = msgspec.field(default="", name="crossId")
    host_cross_id: str = msgspec.field(default="", name="hostCrossId")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    start_transact_trade_date: Date | None = msgspec.field(default=None, name="startTransactTradeDate")
    end_transact_trade_date: Date | None = msgspec.field(default=None, name="endTransactTradeDate")
    with_last_execution: bool = msgspec.field(default=False, name="withLastExecution")
    """Send each order's last execution along."""
    symbols: list[str] = msgspec.field(default_factory=list)
    """Quickstart spelling of `symbol`."""
    state_filter: OrderStateFilter = msgspec.field(default=OrderStateFilter.UNDEFINED, name="stateFilter")


class SearchOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The list is called `order`. Quickstart pages call it `orders`; read whichever is filled."""

    order: list[Order] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    last_executions: list[Execution] = msgspec.field(default_factory=list, name="lastExecutions")
    """Last execution of each order, when asked for."""
    orders: list[Order] = msgspec.field(default_factory=list)
    """Quickstart spelling of `order`."""


class GetOrderResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shape inferred from the naming of the other answers."""

    order: Order | None = None


class SearchExecutionsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    clord_id: str = msgspec.field(default="", name="clordId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    types: list[ExecutionType] = msgspec.field(default_factory=list)
    """Any of these."""
    newest_first: bool = msgspec.field(default=False, name="newestFirst")
    client_account_id: str = msgspec.field(default="", name="clientAccountId")
    client_participant_id: str = msgspec.field(default="", name="clientParticipantId")
    parent_order_id: str = msgspec.field(default="", name="parentOrderId")
    exec_ids: list[str] = msgspec.field(default_factory=list, name="execIds")
    start_transact_trade_date: Date | None = msgspec.field(default=None, name="startTransactTradeDate")
    end_transact_trade_date: Date | None = msgspec.field(default=None, name="endTransactTradeDate")


class SearchExecutionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of executions."""

    executions: list[Execution] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class GetExecutionResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shape inferred from the naming of the other answers."""

    execution: Execution | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event in the life of an order."""

    id: str = ""
    order: Order | None = None
    last_shares: Int64 = msgspec.field(default=0, name="lastShares")
    """Quantity of this fill, at quantity scale."""
    last_px: Int64 = msgspec.field(default=0, name="lastPx")
    """Price of this fill, at price scale."""
    type: ExecutionType = ExecutionType.NEW
    text: str = ""
    """Why, in words; not stable."""
    order_reject_reason: OrdRejectReason = msgspec.field(
        default=OrdRejectReason.EXCHANGE_OPTION, name="orderRejectReason"
    )
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    leg_prices: list[LegPrice] = msgspec.field(default_factory=list, name="legPrices")
    trade_id: str = msgspec.field(default="", name="tradeId")
    aggressor: bool = False
    """True for the side that took liquidity."""
    commission_notional_collected: Int64 = msgspec.field(default=0, name="commissionNotionalCollected")
    """Dollars at price times quantity scale; negative for a rebate."""
    unsolicited_cancel_reason: UnsolicitedCxlReason = msgspec.field(
        default=UnsolicitedCxlReason.UNDEFINED, name="unsolicitedCancelReason"
    )
    trace_id: str = msgspec.field(default="", name="traceId")
    commission_spread_px: Int64 = msgspec.field(default=0, name="commissionSpreadPx")
    """At price scale."""
    transact_trade_date: Date | None = msgspec.field(default=None, name="transactTradeDate")
    block_trade_indicator: bool = msgspec.field(default=False, name="blockTradeIndicator")


class LegPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fill of one leg."""

    symbol: str = ""
    anchor: bool = False
    px: Int64 = 0
    """At price scale."""
    qty: Int64 = 0
    """At quantity scale."""
    side: str = ""
    """A plain string in the venue's schema, not the enum."""
    reference_px: Int64 = msgspec.field(default=0, name="referencePx")
    """At price scale."""


class SearchTradesRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Filters, all optional."""

    page_size: int = msgspec.field(default=0, name="pageSize")
    page_token: str = msgspec.field(default="", name="pageToken")
    order_id: str = msgspec.field(default="", name="orderId")
    trade_id: str = msgspec.field(default="", name="tradeId")
    exec_id: str = msgspec.field(default="", name="execId")
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    symbol: str = ""
    accounts: list[str] = msgspec.field(default_factory=list)
    states: list[TradeState] = msgspec.field(default_factory=list)
    """Any of these."""
    trade_link_id: str = msgspec.field(default="", name="tradeLinkId")


class SearchTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The list is called `trade`."""

    trade: list[Trade] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""


class Trade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A match as its parties see it; the other party's side is left out."""

    id: str = ""
    aggressor: Execution | None = None
    passive: Execution | None = None
    trade_type: TradeType = msgspec.field(default=TradeType.UNDEFINED, name="tradeType")
    state: TradeState = TradeState.UNDEFINED
    reporting_counterparty: Side = msgspec.field(default=Side.UNDEFINED, name="reportingCounterparty")
    text: str = ""
    trade_link_id: str = msgspec.field(default="", name="tradeLinkId")
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class GetTradeStatsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A period given by times or by trade dates."""

    symbol: str = ""
    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    bars: int = 0
    """How many bars to cut the period into; 0 for none."""
    start_trade_date: Date | None = msgspec.field(default=None, name="startTradeDate")
    end_trade_date: Date | None = msgspec.field(default=None, name="endTradeDate")


class GetTradeStatsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bar n has its statistics, start and end in the three lists."""

    stats: TradeStats | None = None
    bars: list[TradeStats] = msgspec.field(default_factory=list)
    bar_start_time: list[dt.datetime] = msgspec.field(default_factory=list, name="barStartTime")
    bar_end_time: list[dt.datetime] = msgspec.field(default_factory=list, name="barEndTime")


class TradeStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Statistics of one period."""

    first: Int64 = 0
    """First price, at price scale."""
    last: Int64 = 0
    """Last price, at price scale."""
    high: Int64 = 0
    """At price scale."""
    low: Int64 = 0
    """At price scale."""
    total_trade_count: Int64 = msgspec.field(default=0, name="totalTradeCount")
    cleared_trade_count: Int64 = msgspec.field(default=0, name="clearedTradeCount")
    volume: Int64 = 0
    """At quantity scale."""
    cleared_volume: Int64 = msgspec.field(default=0, name="clearedVolume")
    """At quantity scale."""
    notional: Int64 = 0
    """At price times quantity scale."""
    cleared_notional: Int64 = msgspec.field(default=0, name="clearedNotional")
    """At price times quantity scale."""


class DownloadOrdersRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The period and the accounts to download."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadOrdersLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadOrdersResponse | None = None
    error: Status | None = None


class DownloadOrdersResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the file."""

    filechunk: str = ""
    """Next piece of the CSV text."""


class DownloadExecutionsRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The period and the accounts to download."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadExecutionsLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadExecutionsResponse | None = None
    error: Status | None = None


class DownloadExecutionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the file."""

    filechunk: str = ""
    """Next piece of the CSV text."""


class DownloadTradesRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The period and the accounts to download."""

    start_time: dt.datetime | None = msgspec.field(default=None, name="startTime")
    end_time: dt.datetime | None = msgspec.field(default=None, name="endTime")
    accounts: list[str] = msgspec.field(default_factory=list)


class DownloadTradesLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadTradesResponse | None = None
    error: Status | None = None


class DownloadTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the file."""

    filechunk: str = ""
    """Next piece of the CSV text."""


class ListAccountPositionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of positions."""

    positions: list[Position] = msgspec.field(default_factory=list)
    available_position: list[Int64] = msgspec.field(default_factory=list, name="availablePosition")
    """What of each position is free to sell, at quantity scale; entry n belongs to position n."""
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class Position(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Holding of one instrument. Money is in units of price times quantity scale (inferred from a sample)."""

    account: str = ""
    """`firms/{firm}/accounts/{account}`."""
    symbol: str = ""
    net_position: Int64 = msgspec.field(default=0, name="netPosition")
    """At quantity scale; negative is short YES."""
    qty_bought: Int64 = msgspec.field(default=0, name="qtyBought")
    """At quantity scale."""
    qty_sold: Int64 = msgspec.field(default=0, name="qtySold")
    """At quantity scale."""
    cost: Int64 = 0
    """At price times quantity scale."""
    realized: Int64 = 0
    """Profit taken, at price times quantity scale."""
    bod_position: Int64 = msgspec.field(default=0, name="bodPosition")
    """Net position at the start of the day, at quantity scale."""
    expired: bool = False
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")


class GetAccountBalanceRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account and the currency."""

    name: str = ""
    """Account, `firms/{firm}/accounts/{account}`."""
    currency: str = ""
    """`USD`."""


class GetAccountBalanceResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Plain dollars, not scaled."""

    balance: Decimal = Decimal(0)
    """Cash."""
    capital_requirement: Decimal = msgspec.field(default=Decimal(0), name="capitalRequirement")
    excess_capital: Decimal = msgspec.field(default=Decimal(0), name="excessCapital")
    buying_power: Decimal = msgspec.field(default=Decimal(0), name="buyingPower")
    """What new orders may use."""
    securities: dict[str, SecurityEntry] = msgspec.field(default_factory=dict)
    """By security."""
    total_security_notional_value: Decimal = msgspec.field(
        default=Decimal(0), name="totalSecurityNotionalValue"
    )
    total_security_available_value: Decimal = msgspec.field(
        default=Decimal(0), name="totalSecurityAvailableValue"
    )
    open_orders: Decimal = msgspec.field(default=Decimal(0), name="openOrders")
    """Held for working orders."""
    alternate_capital_requirement_currency: str = msgspec.field(
        default="", name="alternateCapitalRequirementCurrency"
    )
    alternate_capital_requirement: Decimal = msgspec.field(
        default=Decimal(0), name="alternateCapitalRequirement"
    )
    unsettled_funds: Decimal = msgspec.field(default=Decimal(0), name="unsettledFunds")
    margin_requirement: Decimal = msgspec.field(default=Decimal(0), name="marginRequirement")
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")


class SecurityEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Value of one security held as collateral, in dollars."""

    balance: Decimal = Decimal(0)
    market_value: Decimal = msgspec.field(default=Decimal(0), name="marketValue")
    haircut: Int64 = 0
    notional_value: Decimal = msgspec.field(default=Decimal(0), name="notionalValue")
    available_value: Decimal = msgspec.field(default=Decimal(0), name="availableValue")


class ListAccountBalancesRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account."""

    name: str = ""
    """Account, `firms/{firm}/accounts/{account}`."""


class ListAccountBalancesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Balances by currency."""

    balances: dict[str, GetAccountBalanceResponse] = msgspec.field(default_factory=dict)
    """By currency."""


class GetPositionLedgerResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of changes."""

    entries: list[PositionLedgerEntry] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class PositionLedgerEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of a position. Quantities at quantity scale, money at price times quantity scale."""

    id: str = ""
    account: str = ""
    symbol: str = ""
    quantity_change: Int64 = msgspec.field(default=0, name="quantityChange")
    cost_change: Int64 = msgspec.field(default=0, name="costChange")
    realized_change: Int64 = msgspec.field(default=0, name="realizedChange")
    net_position: Int64 = msgspec.field(default=0, name="netPosition")
    """After the change."""
    cost: Int64 = 0
    """After the change."""
    realized: Int64 = 0
    """After the change."""
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")
    update_business_date: str = msgspec.field(default="", name="updateBusinessDate")
    """`YYYY-MM-DD`."""
    description: str = ""


class DownloadPositionLedgerLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadPositionLedgerResponse | None = None
    error: Status | None = None


class DownloadPositionLedgerResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the file."""

    data: str = ""
    """Next piece of the CSV, as base64."""


class GetAccountBalanceLedgerResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of changes."""

    entries: list[BalanceLedgerEntry] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class BalanceLedgerEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of cash, in plain dollars."""

    id: str = ""
    account: str = ""
    currency: str = ""
    before_balance: Decimal = msgspec.field(default=Decimal(0), name="beforeBalance")
    after_balance: Decimal = msgspec.field(default=Decimal(0), name="afterBalance")
    description: str = ""
    update_time: dt.datetime | None = msgspec.field(default=None, name="updateTime")
    modified_security_id: str = msgspec.field(default="", name="modifiedSecurityId")
    entry_type: LedgerEntryType = msgspec.field(default=LedgerEntryType.UNDEFINED, name="entryType")
    symbol: str = ""
    update_business_date: str = msgspec.field(default="", name="updateBusinessDate")
    """`YYYY-MM-DD`."""


class DownloadBalanceLedgerLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the stream."""

    result: DownloadBalanceLedgerResponse | None = None
    error: Status | None = None


class DownloadBalanceLedgerResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the file."""

    data: str = ""
    """Next piece of the CSV, as base64."""


class ListFundingSourcesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of sources."""

    funding_sources: list[FundingSource] = msgspec.field(default_factory=list, name="fundingSources")
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class FundingSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bank account or card."""

    id: str = ""
    type: FundingSourceType = FundingSourceType.UNDEFINED
    aeropay_bank_account_details: AeropayBankAccountDetails | None = msgspec.field(
        default=None, name="aeropayBankAccountDetails"
    )
    transaction_limits: FundingTransactionLimits | None = msgspec.field(
        default=None, name="transactionLimits"
    )
    disabled: bool = False


class AeropayBankAccountDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bank account linked through Aeropay."""

    user_id: str = msgspec.field(default="", name="userId")
    bank_account_id: str = msgspec.field(default="", name="bankAccountId")
    name: str = ""
    bank_name: str = msgspec.field(default="", name="bankName")
    account_last_4: str = msgspec.field(default="", name="accountLast4")
    account_type: str = msgspec.field(default="", name="accountType")
    """E.g. `checking`."""


class FundingTransactionLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits of a source."""

    currency_limits: list[FundingCurrencyLimit] = msgspec.field(default_factory=list, name="currencyLimits")


class FundingCurrencyLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Deposit limits in one currency."""

    currency: str = ""
    max_deposit_request_amount: MoneyAmount | None = msgspec.field(
        default=None, name="maxDepositRequestAmount"
    )
    max_deposit_daily_amount: MoneyAmount | None = msgspec.field(default=None, name="maxDepositDailyAmount")
    max_deposit_60_day_amount: MoneyAmount | None = msgspec.field(default=None, name="maxDeposit60dayAmount")


class MoneyAmount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount of money. Samples of limits show the value alone."""

    value: Decimal = Decimal(0)
    currency: str = ""


class ListFundingAccountsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of accounts."""

    accounts: list[FundingAccount] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class FundingAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Account money is moved in and out of. `aliases` is known from the update's body only; that answers
    carry it is inferred.
    """

    id: str = ""
    name: str = ""
    account_type: AccountType = msgspec.field(default=AccountType.UNDEFINED, name="accountType")
    associated_funding_sources: list[str] = msgspec.field(
        default_factory=list, name="associatedFundingSources"
    )
    risk_account_id: str = msgspec.field(default="", name="riskAccountId")
    creation_time: dt.datetime | None = msgspec.field(default=None, name="creationTime")
    aliases: dict[str, str] = msgspec.field(default_factory=dict)


class UpdateFundingAccountRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The new settings."""

    account: FundingAccountUpdate


class FundingAccountUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may be changed."""

    name: str = ""
    aliases: dict[str, str] = msgspec.field(default_factory=dict)


class UpdateFundingAccountResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account after the change."""

    account: FundingAccount | None = None


class ListFundingTransactionsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of transactions."""

    transactions: list[FundingTransaction] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class FundingTransaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One movement of money, in plain dollars."""

    transaction_id: str = msgspec.field(default="", name="transactionId")
    funding_transaction_id: str = msgspec.field(default="", name="fundingTransactionId")
    amount: Decimal = Decimal(0)
    currency: str = ""
    description: str = ""
    ledger_entry_type: LedgerEntryType = msgspec.field(
        default=LedgerEntryType.UNDEFINED, name="ledgerEntryType"
    )
    transaction_type: FundingTransactionType = msgspec.field(
        default=FundingTransactionType.UNDEFINED, name="transactionType"
    )
    transaction_state: FundingTransactionState = msgspec.field(
        default=FundingTransactionState.PENDING, name="transactionState"
    )
    transact_time: dt.datetime | None = msgspec.field(default=None, name="transactTime")
    account_id: str = msgspec.field(default="", name="accountId")
    funding_source_id: str = msgspec.field(default="", name="fundingSourceId")
    funding_source_type: FundingSourceType = msgspec.field(
        default=FundingSourceType.UNDEFINED, name="fundingSourceType"
    )
    before_balance: Decimal = msgspec.field(default=Decimal(0), name="beforeBalance")
    after_balance: Decimal = msgspec.field(default=Decimal(0), name="afterBalance")


class ListTransactionRequirementsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of requirements."""

    transaction_requirements: list[TransactionRequirement] = msgspec.field(
        default_factory=list, name="transactionRequirements"
    )
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""
    eof: bool = False
    """True on the last page."""


class TransactionRequirement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition on the next transaction of a kind."""

    id: str = ""
    account_id: str = msgspec.field(default="", name="accountId")
    transaction_type: FundingTransactionType = msgspec.field(
        default=FundingTransactionType.UNDEFINED, name="transactionType"
    )
    funding_source_id: str = msgspec.field(default="", name="fundingSourceId")
    amount: Decimal = Decimal(0)
    """Dollars."""
    currency: str = ""
    description: str = ""
    triggers: list[str] = msgspec.field(default_factory=list)


class ComboLeg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One leg."""

    symbol: str
    side: Side


class ComboInstrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instrument that pays when every leg does."""

    id: str = ""
    """Symbol, `caoc-...`."""
    legs: list[ComboLeg] = msgspec.field(default_factory=list)
    state: InstrumentState = InstrumentState.CLOSED
    created_time: dt.datetime | None = msgspec.field(default=None, name="createdTime")
    tick_size: Number = msgspec.field(default=Decimal(0), name="tickSize")
    """Dollars."""


class CreateComboRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The guide allows 2 to 10 legs, all different; the venue's schema says 50. The stricter bound is
    used.
    """

    legs: list[ComboLeg]


class CreateComboResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The combo, new or found."""

    combo: ComboInstrument | None = None


class GetCombosResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The combo looked up, or nothing."""

    combos: list[ComboInstrument] = msgspec.field(default_factory=list)


class CreateRFQRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Exactly one of `qtyDecimal` and `cashOrderQty` is set, with at most four decimals."""

    qty_decimal: Decimal | None = msgspec.field(default=None, name="qtyDecimal")
    """Contracts."""
    cash_order_qty: Decimal | None = msgspec.field(default=None, name="cashOrderQty")
    """Dollars."""
    symbol: str
    rest_remainder: bool = msgspec.field(name="restRemainder")
    """Leave what is not filled in the book."""
    account: str
    """`firms/{firm}/accounts/{account}`."""


class CreateRFQResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of the request."""

    rfq_id: str = msgspec.field(default="", name="rfqId")


class DeleteRFQResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class GetRFQsResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of requests."""

    rfqs: list[RFQ] = msgspec.field(default_factory=list)
    cursor: str = ""
    """Empty on the last page."""


class RFQ(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for quotes."""

    id: str = ""
    qty_decimal: Decimal | None = msgspec.field(default=None, name="qtyDecimal")
    """Contracts."""
    cash_order_qty: Decimal | None = msgspec.field(default=None, name="cashOrderQty")
    """Dollars."""
    symbol: str = ""
    rfq_creator_user_id: str = msgspec.field(default="", name="rfqCreatorUserId")
    """Anonymous id of the requester."""
    created_time: dt.datetime | None = msgspec.field(default=None, name="createdTime")
    rest_remainder: bool = msgspec.field(default=False, name="restRemainder")
    status: RFQStatus = RFQStatus.UNSPECIFIED
    updated_time: dt.datetime | None = msgspec.field(default=None, name="updatedTime")
    combo_legs: list[RFQComboLeg] = msgspec.field(default_factory=list, name="comboLegs")
    tick_size: Number | None = msgspec.field(default=None, name="tickSize")
    """Dollars; absent when not known."""


class RFQComboLeg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One leg of the combo asked for."""

    symbol: str = ""
    side: Side = Side.UNDEFINED
    settlement_price: Decimal | None = msgspec.field(default=None, name="settlementPrice")
    """YES price between 0 and 1, never turned round for the side; absent until settled."""


class CreateQuoteRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price of zero leaves that side out; at least one is above zero."""

    rfq_id: str = msgspec.field(name="rfqId")
    buy_price: Decimal = msgspec.field(name="buyPrice")
    """Dollars, for a requester who buys; the quoter sells."""
    sell_price: Decimal = msgspec.field(name="sellPrice")
    """Dollars, for a requester who sells; the quoter buys."""
    rest_remainder: bool = msgspec.field(name="restRemainder")
    post_only: bool = msgspec.field(default=False, name="postOnly")
    account: str
    """`firms/{firm}/accounts/{account}`."""


class CreateQuoteResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of the quote."""

    quote_id: str = msgspec.field(default="", name="quoteId")
    """New on every call."""


class DeleteQuoteResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class AcceptQuoteRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The side taken, as the requester sees it."""

    accepted_side: Side = msgspec.field(name="acceptedSide")


class AcceptQuoteResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class ConfirmQuoteRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No fields."""


class ConfirmQuoteResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Empty."""


class GetQuotesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of quotes."""

    quotes: list[Quote] = msgspec.field(default_factory=list)
    cursor: str = ""
    """Empty on the last page."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote on a request, and how far it got."""

    id: str = ""
    rfq_id: str = msgspec.field(default="", name="rfqId")
    creator_rfq_user_id: str = msgspec.field(default="", name="creatorRfqUserId")
    """Anonymous id of the quoter."""
    symbol: str = ""
    status: QuoteStatus = QuoteStatus.UNDEFINED
    created_time: dt.datetime | None = msgspec.field(default=None, name="createdTime")
    buy_price: Decimal = msgspec.field(default=Decimal(0), name="buyPrice")
    """Dollars, for a requester who buys; zero if not offered."""
    sell_price: Decimal = msgspec.field(default=Decimal(0), name="sellPrice")
    """Dollars, for a requester who sells; zero if not offered."""
    rest_remainder: bool = msgspec.field(default=False, name="restRemainder")
    post_only: bool = msgspec.field(default=False, name="postOnly")
    rfq_creator_user_id: str = msgspec.field(default="", name="rfqCreatorUserId")
    """Anonymous id of the requester."""
    rfq_cash_order_qty: Decimal | None = msgspec.field(default=None, name="rfqCashOrderQty")
    """Dollars asked for."""
    buy_qty_decimal: Decimal = msgspec.field(default=Decimal(0), name="buyQtyDecimal")
    """Contracts."""
    sell_qty_decimal: Decimal = msgspec.field(default=Decimal(0), name="sellQtyDecimal")
    """Contracts."""
    updated_time: dt.datetime | None = msgspec.field(default=None, name="updatedTime")
    accepted_side: Side = msgspec.field(default=Side.UNDEFINED, name="acceptedSide")
    accepted_time: dt.datetime | None = msgspec.field(default=None, name="acceptedTime")
    confirmed_time: dt.datetime | None = msgspec.field(default=None, name="confirmedTime")
    confirmation_deadline: dt.datetime | None = msgspec.field(default=None, name="confirmationDeadline")
    execution_deadline: dt.datetime | None = msgspec.field(default=None, name="executionDeadline")
    """When both orders are to be sent."""
    executed_time: dt.datetime | None = msgspec.field(default=None, name="executedTime")
    rfq_creator_order_id: str | None = msgspec.field(default=None, name="rfqCreatorOrderId")
    """Order of the requester."""
    creator_order_id: str | None = msgspec.field(default=None, name="creatorOrderId")
    """Order of the quoter."""


class GetRFQTradesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of fills."""

    trades: list[RFQTrade] = msgspec.field(default_factory=list)
    """Newest first."""
    cursor: str = ""
    """Empty on the last page."""


class RFQTrade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An anonymous fill as first made."""

    trade_id: str = msgspec.field(default="", name="tradeId")
    symbol: str = ""
    price: Decimal = Decimal(0)
    """Dollars."""
    qty_decimal: Decimal = msgspec.field(default=Decimal(0), name="qtyDecimal")
    """Contracts."""
    aggressor_side: Side = msgspec.field(default=Side.UNDEFINED, name="aggressorSide")
    executed_time: dt.datetime | None = msgspec.field(default=None, name="executedTime")


class GetRFQUserIDResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id under which others see the caller."""

    rfq_user_id: str = msgspec.field(default="", name="rfqUserId")


class ListIncentivesResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of markets with programs."""

    programs: list[IncentiveProgram] = msgspec.field(default_factory=list)
    next_page_token: str = msgspec.field(default="", name="nextPageToken")
    """Empty on the last page."""


class IncentiveProgram(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Programs of one market."""

    market_slug: str = msgspec.field(default="", name="marketSlug")
    """The instrument's symbol."""
    time_periods: list[IncentiveTimePeriod] = msgspec.field(default_factory=list, name="timePeriods")
    instrument_state: InstrumentState = msgspec.field(default=InstrumentState.CLOSED, name="instrumentState")
    category: str = ""
    """Metadata `event_category`."""
    subcategory: str = ""
    """Metadata `event_subcategory`."""
    event_start_time: str = msgspec.field(default="", name="eventStartTime")
    """Metadata `event_start_time`."""
    instrument_product: str = msgspec.field(default="", name="instrumentProduct")
    """Metadata `instrument_product`."""


class IncentiveTimePeriod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One program during one period."""

    program_id: str = msgspec.field(default="", name="programId")
    program_type: str = msgspec.field(default="", name="programType")
    """`liquidityProgram` and others."""
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    """Absent while not known."""
    reward_pool: Number = msgspec.field(default=Decimal(0), name="rewardPool")
    """Dollars."""
    status: str = ""
    """`active`, `closed` or `pending`."""
    discount_factor: Number | None = msgspec.field(default=None, name="discountFactor")
    """Penalty for distance from best."""
    target_size: int | None = msgspec.field(default=None, name="targetSize")
    """Contracts per side needed to qualify."""
    max_spread: Number | None = msgspec.field(default=None, name="maxSpread")
    """Dollars, half the width allowed."""
    period: str = ""
    """`early`, `day_of`, `live` and others."""
    created_at: dt.datetime | None = msgspec.field(default=None, name="createdAt")
    min_taker_notional: int | None = msgspec.field(default=None, name="minTakerNotional")
    """Volume programs only."""


class GetIncentivesEarnedResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was earned."""

    rewards: list[UserReward] = msgspec.field(default_factory=list)


class UserReward(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one market paid on one day, per status."""

    reward: Number = Decimal(0)
    """Dollars."""
    program_type: str = msgspec.field(default="", name="programType")
    market_slug: str = msgspec.field(default="", name="marketSlug")
    date: str = ""
    """`YYYY-MM-DD`, Eastern time."""
    status: str = ""
    """`PAID`, `PENDING` or `SKIPPED`."""


class StartKYCVerificationRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer's data."""

    external_id: str
    """The firm's id of the customer, unique within the firm."""
    ssn: str
    """Digits only."""
    first_name: str
    middle_name: str = ""
    last_name: str
    date_of_birth: str
    """`YYYY-MM-DD`."""
    email: str
    phone_number: str
    """E.164."""
    address: KYCAddressRequest
    agreement: KYCAgreement
    ip_address: str
    """Of the customer."""
    session_token: str = ""
    """Device session of the identity service."""
    docv_eligible: bool = False
    """The customer can be asked for documents."""
    referral_code: str | None = None

    def __repr__(self) -> str:
        return shown(self, ("ssn", "session_token"))

    def __reduce__(self) -> NoReturn:
        raise TypeError("StartKYCVerificationRequest carries a secret and cannot be pickled")


class KYCAddressRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address in the United States, as requests spell it."""

    address_line_1: str
    address_line_2: str = ""
    city: str
    state: str
    """Two letters."""
    postal_code: str
    """Five digits."""
    country: str = ""


class KYCAgreement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The agreement the customer signed."""

    version: str
    signed_at: dt.datetime


class StartKYCVerificationResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the verification stands."""

    status: KYCStatus | None = None
    docv: KYCDocV | None = None
    participant_id: str = msgspec.field(default="", name="participantId")
    """For `x-participant-id`; often empty at first."""


class KYCStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Passed through from the identity service, so new values may come. Review with documents asked for
    means upload, without means people look at it.
    """

    decision: str = ""
    """`ACCEPT` or `APPROVED`, `REVIEW`, `RESUBMIT`, `REJECT`, `pending`."""
    status: str = ""
    """`OPEN`, `REVIEW` or `IN REVIEW`, `ON_HOLD`, `CLOSED`, `otp_sent`."""
    sub_status: str = msgspec.field(default="", name="subStatus")
    external_id: str = msgspec.field(default="", name="externalId")


class KYCDocV(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the customer uploads documents."""

    url: str = ""
    qr_code: str = msgspec.field(default="", name="qrCode")
    docv_transaction_token: str = msgspec.field(default="", name="docvTransactionToken")
    event_id: str = msgspec.field(default="", name="eventId")
    sdk_key: str = msgspec.field(default="", name="sdkKey")
    """Always empty."""

    def __repr__(self) -> str:
        return shown(self, ("docv_transaction_token",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("KYCDocV carries a secret and cannot be pickled")


class GetKYCStatusResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the verification stands, and what it led to."""

    status: KYCStatus | None = None
    participant_id: str = msgspec.field(default="", name="participantId")
    """For `x-participant-id`, once provisioned."""
    provisioned_account: str = msgspec.field(default="", name="provisionedAccount")
    """Account for orders and ledgers, once provisioned."""
    docv: KYCDocV | None = None


class SetWebhookURLRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where to deliver, and how to sign."""

    webhook_url: str
    """Over https."""
    signing_secret: str = ""
    """`whsec_` and at least 24 bytes in base64. Without it nothing is signed."""

    def __repr__(self) -> str:
        return shown(self, ("signing_secret",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("SetWebhookURLRequest carries a secret and cannot be pickled")


class SetWebhookURLResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of the test delivery."""

    validated: bool = False
    """The test delivery was answered."""
    message: str = ""


class StartKYCPrefillRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is to receive a code."""

    phone_number: str
    """E.164."""
    date_of_birth: str
    """`YYYY-MM-DD`."""
    user_id: str
    """The firm's id of the customer."""
    session_token: str = ""
    """Device session of the identity service."""
    ip_address: str = ""
    """Of the customer."""

    def __repr__(self) -> str:
        return shown(self, ("session_token",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("StartKYCPrefillRequest carries a secret and cannot be pickled")


class StartKYCPrefillResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Decision `pending` and status `otp_sent` when all is well."""

    status: KYCStatus | None = None
    external_id: str = msgspec.field(default="", name="externalId")
    """To be sent with the code."""


class SubmitKYCPrefillOTPRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The code and what it belongs to."""

    otp: str
    """The code."""
    external_id: str
    """From the answer to the start."""

    def __repr__(self) -> str:
        return shown(self, ("otp",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("SubmitKYCPrefillOTPRequest carries a secret and cannot be pickled")


class SubmitKYCPrefillOTPResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the customer."""

    first_name: str = msgspec.field(default="", name="firstName")
    middle_name: str = msgspec.field(default="", name="middleName")
    last_name: str = msgspec.field(default="", name="lastName")
    date_of_birth: str = msgspec.field(default="", name="dateOfBirth")
    """`YYYY-MM-DD`."""
    phone_number: str = msgspec.field(default="", name="phoneNumber")
    email: str = ""
    ssn: str = ""
    """Last four digits."""
    address: KYCAddress | None = None

    def __repr__(self) -> str:
        return shown(self, ("ssn",))

    def __reduce__(self) -> NoReturn:
        raise TypeError("SubmitKYCPrefillOTPResponse carries a secret and cannot be pickled")


class KYCAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address as answers spell it. Names after the first are inferred from the request's."""

    address_line_1: str = msgspec.field(default="", name="addressLine1")
    address_line_2: str = msgspec.field(default="", name="addressLine2")
    city: str = ""
    state: str = ""
    postal_code: str = msgspec.field(default="", name="postalCode")
    country: str = ""
