"""Headers that authenticate requests to the CLOB, against the cryptography they consist of and the peers'."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64decode

from benchmarks.clob_ours import CREDS
from benchmarks.clob_server import running
from benchmarks.clob_terms import BODY, CHAIN_ID, KEY, SECRET
from benchmarks.harness import Measured, Report, repeated, rotate
from benchmarks.peers import UNIFIED, V2, Worker, opened
from polyspec.clob.l1 import l1_headers
from polyspec.clob.l2 import l2_headers
from polyspec.clob.signers import LocalSigner

_L1, _L2 = 3_000, 20_000
# of the peers: about as long as ours
_L1_AS_INSTALLED, _L1_WITH_COINCURVE, _L2_THEIRS = 25, 300, 10_000

_L1_GOALS = {False: 100.0, True: 9.0}


def run(report: Report) -> None:
    """Compare CPU time; both kinds of headers are signed for the second they are made in."""
    signer = LocalSigner.from_key(KEY)
    secret, text = urlsafe_b64decode(SECRET), b"1763700000POST/order" + BODY
    share = 10 if report.quick else 1
    cases = {
        "l1": repeated(lambda: l1_headers(signer, CHAIN_ID, int(time.time())), _L1 // share),
        "l2": repeated(
            lambda: l2_headers(CREDS, signer.address, int(time.time()), "POST", "/order", BODY),
            _L2 // share,
        ),
        "hmac": repeated(lambda: hmac.digest(secret, text, "sha256"), _L2 // share),
    }
    with running() as server, opened(report, V2 + UNIFIED, server) as workers:
        for worker in workers:
            times = _L1_WITH_COINCURVE if worker.rival.coincurve else _L1_AS_INSTALLED
            cases[f"l1 {worker.rival}"] = worker.case("l1_headers", times=times)
            if worker.rival in V2:
                cases[f"l2 {worker.rival}"] = worker.case("l2_headers", times=_L2_THEIRS // share)
        found = rotate(cases, rounds=report.rounds(15))["cpu"]
    _show(report, found, workers)


def _show(report: Report, found: Measured, workers: list[Worker]) -> None:
    each = {case: f"{found.median(case) * 1e6:,.2f} us" for case in found.rounds}
    report.ratio(
        "auth: L2 headers, to their HMAC alone",
        found.ratios("l2", "hmac"),
        ours=each["l2"],
        against=f"hmac.digest {each['hmac']}",
        at_most=1.7,
    )
    for worker in workers:
        rival = worker.rival
        report.ratio(
            "auth: L1 headers, faster than",
            found.ratios(f"l1 {rival}", "l1"),
            ours=each["l1"],
            against=f"{rival} {each[f'l1 {rival}']}",
            at_least=_L1_GOALS[rival.coincurve],
        )
        if f"l2 {rival}" in found.rounds:
            report.ratio(
                "auth: L2 headers, faster than",
                found.ratios(f"l2 {rival}", "l2"),
                ours=each["l2"],
                against=f"{rival} {each[f'l2 {rival}']}",
            )
