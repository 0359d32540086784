"""Making and signing one order: `create_order` against the bare signature and the venue's own clients."""

from __future__ import annotations

from collections.abc import Callable

from coincurve import PrivateKey

from benchmarks.clob_ours import ORDER, client
from benchmarks.clob_server import running
from benchmarks.clob_terms import CHAIN_ID, KEY, SIDE, TOKEN
from benchmarks.harness import Measured, Report, repeated, rotate
from benchmarks.peers import UNIFIED, V2, Worker, opened
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.salt import new_salt
from polyspec.clob.signers import LocalSigner
from polyspec.clob.wallets import choose_wallet

_TIMES = 3_000
# of the peers: about as long as ours
_AS_INSTALLED, _WITH_COINCURVE = 25, 200

_GOALS = {False: 100.0, True: 12.0}
_WALLET_GOALS = {False: None, True: 10.0}


def run(report: Report) -> None:
    """Compare CPU time; nothing is sent while the clock runs."""
    with running() as server, opened(report, V2 + UNIFIED, server) as workers:
        ours, of_wallet = client(server), client(server, signature_type=3)
        times = _TIMES // (10 if report.quick else 1)
        cases = {
            "sign": repeated(_bare(), times),
            "signer": repeated(_signer_alone(), times),
            "create": repeated(lambda: ours.create_order(**ORDER), times),
            "wallet": repeated(lambda: of_wallet.create_order(**ORDER), times),
        }
        for worker in workers:
            count = _WITH_COINCURVE if worker.rival.coincurve else _AS_INSTALLED
            cases[f"create {worker.rival}"] = worker.case("create", times=count)
            cases[f"wallet {worker.rival}"] = worker.case("create_for_wallet", times=count)
        found = rotate(cases, rounds=report.rounds(15))["cpu"]
        ours.close()
        of_wallet.close()
    _show(report, found, workers)


def _bare() -> Callable[[], object]:
    sign, digest = PrivateKey(bytes.fromhex(KEY[2:])).sign_recoverable, b"\x07" * 32
    return lambda: sign(digest, None)


def _signer_alone() -> Callable[[], object]:
    signer = LocalSigner.from_key(KEY)
    maker = OrderSigner(signer, choose_wallet(signer.address, CHAIN_ID, None, None), CHAIN_ID, 2)
    return lambda: maker.sign(
        maker.order(TOKEN, SIDE, 11_782_400, 21_040_000, timestamp_ms=1_763_700_000_000, salt=new_salt())
    )


def _show(report: Report, found: Measured, workers: list[Worker]) -> None:
    each = {case: f"{found.median(case) * 1e6:,.1f} us" for case in found.rounds}
    labels = {"signer": "OrderSigner alone", "create": "create_order", "wallet": "create_order, type 3"}
    for case, label in labels.items():
        report.ratio(
            f"sign: {label}, to a bare signature",
            found.ratios(case, "sign"),
            ours=each[case],
            against=f"coincurve {each['sign']}",
            at_most=None if case == "wallet" else 1.6,
        )
    for case, goals in (("create", _GOALS), ("wallet", _WALLET_GOALS)):
        for worker in workers:
            theirs = f"{case} {worker.rival}"
            report.ratio(
                f"sign: {labels[case]}, faster than",
                found.ratios(theirs, case),
                ours=each[case],
                against=f"{worker.rival} {each[theirs]}",
                at_least=goals[worker.rival.coincurve],
            )
