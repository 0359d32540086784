"""Messages and services of gRPC, one module for each file of `specs/proto`.

Generated; do not edit. They need protobuf, and modules that end in `_pb2_grpc` need grpcio as well:
`pip install 'polyspec[grpc]'`. Nothing is imported before it is asked for.

Many numbers of fields are not the venue's: `specs/proto/README.md`.
"""

MODULES = (
    "polymarket.us.cashmovement.v1.cash_movement_pb2",
    "polymarket.us.kyc.v1.kyc_pb2",
    "polymarket.us.settlement.v1.get_instrument_settlement_request_pb2",
    "polymarket.v1.accounts_pb2",
    "polymarket.v1.aeropay_pb2",
    "polymarket.v1.checkout_pb2",
    "polymarket.v1.enums_pb2",
    "polymarket.v1.health_pb2",
    "polymarket.v1.types_pb2",
    "polymarket.v1.users_pb2",
    "polymarket.v1.funding_pb2",
    "polymarket.v1.orders_pb2",
    "polymarket.v1.positions_pb2",
    "polymarket.v1.refdata_pb2",
    "polymarket.v1.rfq_pb2",
    "polymarket.v1.combo_pb2",
    "polymarket.v1.dropcopy_pb2",
    "polymarket.v1.marketdatasubscription_pb2",
    "polymarket.v1.trading_pb2",
    "polymarket.us.orderfunding.v1.order_funding_pb2",
    "polymarket.us.settlement.v1.settlement_service_pb2",
    "polymarket.v1.orderbook_pb2",
)
"""Every module of messages, by its name in this package; a module comes after those it imports."""
