"""The fault matrix: forty faults, the venues and operations they meet, and what shows that clients bear them.

Every row says what must happen, which cases do it here, which tests elsewhere hold it as well, and with which
guard off it is violated: a client without that guard must fail the test named beside it.
"""

from __future__ import annotations

from typing import Final

from tests.faults import matrix_answers as answers
from tests.faults import matrix_network as network
from tests.faults import matrix_rest as rest
from tests.faults.matrix_case import Control, Row

__all__ = ["MATRIX"]

UNIT, CLIENT, FAULTS, SANDBOX = "tests/unit", "tests/client", "tests/faults", "tests/sandbox"
US, CLOB, SIM = (f"{FAULTS}/test_{name}" for name in ("us", "clob", "polysimulator"))
ONE_ORDER = "the engine has the order once, or not at all, and that is what the client says"


def _of(file: str, *names: str) -> tuple[str, ...]:
    """Return the node ids of tests of one file."""
    return tuple(f"{file}.py::{name}" for name in names)


MATRIX: Final = (
    Row(
        number=1,
        fault="connection refused, name not found",
        client="not sent: any class is tried again within its deadline; a typed error with the attempts",
        records="the venue saw nothing, or the order once after somebody listened again",
        injected="the listener is closed, or comes back; names are not found",
        cases=(*network.NOBODY, *network.COMING_BACK),
        covered=(
            *_of(f"{US}_bad_days", "test_server_gone", "test_nobody_was_ever_there"),
            *_of(f"{CLOB}_bad_days", "test_server_gone"),
            *_of(f"{SIM}_bad_days", "test_server_gone"),
            *_of(f"{CLIENT}/test_http_faults", "test_refused_connection", "test_name_that_does_not_resolve"),
        ),
        controls=(Control("gives-up", "us-comes-back-read"), Control("gives-up", "clob-comes-back-place")),
    ),
    Row(
        number=2,
        fault="reset before the request was there",
        client="not sent only if no byte left, else unknown: placements are not sent again by themselves",
        records=ONE_ORDER,
        injected="reset at the door, after the first byte, the head, all but the last byte",
        cases=tuple(network.CUT_REQUESTS),
        covered=_of(f"{FAULTS}/test_big_storm", "test_through_a_proxy"),
        controls=(Control("repeats", "us-first-byte-place"), Control("gives-up", "clob-head-cancel")),
    ),
    Row(
        number=3,
        fault="the answer breaks off",
        client="reads and cancels are repeated; a placement is looked up",
        records=ONE_ORDER,
        injected="cut at the end of the head, in the body, before the last byte; reset and close",
        cases=tuple(network.CUT_ANSWERS),
        covered=(
            *_of(f"{US}_bad_days", "test_place", "test_cancel", "test_read", "test_replace"),
            *_of(f"{CLOB}_bad_days", "test_post_order", "test_cancel", "test_read"),
            *_of(f"{SIM}_bad_days", "test_place", "test_cancel", "test_read"),
        ),
        controls=(
            Control("repeats", "us-reset-half-place"),
            Control("trusts-timeouts", "clob-close-last-place"),
            Control("gives-up", "polysimulator-reset-head-cancel"),
        ),
    ),
    Row(
        number=4,
        fault="an answer that drips",
        client="the deadline of the call ends it, the connection is given up, a placement is looked up",
        records=ONE_ORDER,
        injected="a byte every tenth of a second",
        cases=tuple(network.DRIPS),
        covered=_of(f"{CLIENT}/test_http_faults", "test_unknown_outcomes"),
        controls=(Control("no-deadline", "us-drips-read"),),
    ),
    Row(
        number=5,
        fault="nothing comes after the request",
        client="the deadline ends it; unknown, looked up; no second placement",
        records=ONE_ORDER,
        injected="the answer is held back for ever",
        cases=tuple(network.AFTER_ACCEPT),
        covered=(
            *_of(f"{US}_bad_days", "test_deadline_holds", "test_late_execution_is_no_lost_order"),
            *_of(f"{CLOB}_bad_days", "test_deadline_holds"),
            *_of(f"{SIM}_bad_days", "test_deadline_holds", "test_silent_port"),
        ),
        controls=(
            Control("no-deadline", "clob-hangs-read"),
            Control("trusts-timeouts", "polysimulator-hangs-place"),
        ),
    ),
    Row(
        number=6,
        fault="a kept connection is closed as the request leaves",
        client="unknown, as bytes may have left: no library sends a placement again",
        records=ONE_ORDER,
        injected="closed and reset at the first byte on a connection used before",
        cases=tuple(network.IDLE),
        covered=(
            *_of(f"{CLIENT}/test_http_manners", "test_kept_connection_closed_while_idle"),
            *_of(f"{CLIENT}/test_http_faults", "test_broken_kept_connection"),
            *_of(f"{CLIENT}/test_lean_tls", "test_reset_on_a_kept_connection"),
        ),
        controls=(Control("repeats", "us-reset-place"),),
    ),
    Row(
        number=7,
        fault="429 with a wait: seconds, a date, milliseconds",
        client="nothing of the lane leaves earlier; beyond the deadline the wait is told at once",
        records="when requests came, by the venue's side of the wire, in virtual time",
        injected="the sandbox refuses; the header is rewritten in front of it",
        cases=tuple(answers.RETRY_AFTER),
        covered=(
            *_of(f"{US}_bad_days", "test_wait_beyond_the_deadline_is_told_at_once"),
            *_of(f"{CLOB}_bad_days", "test_wait_beyond_the_deadline_is_told_at_once"),
            *_of(f"{SIM}_bad_days", "test_wait_beyond_the_deadline_is_told_at_once"),
            *_of(f"{UNIT}/limits/test_places", "test_a_refusal_reaches_all_holders_at_once"),
            *_of(f"{FAULTS}/test_amplification", "test_never_before_the_venue_says"),
        ),
        controls=(Control("impatient", "us-seconds-read"), Control("impatient", "clob-date-place")),
    ),
    Row(
        number=8,
        fault="429 without a wait, with none, as a page",
        client="a quarter of a second at least; a page proves nothing; the pace is lowered",
        records="when requests came",
        injected="the sandbox refuses; a page in front of it",
        cases=tuple(answers.EDGES),
        covered=_of(
            f"{UNIT}/test_pacing",
            "test_refusal_without_a_useful_word",
            "test_refusal_closes_its_limit",
            "test_edge_closes_everything_but_cancels",
        ),
        controls=(Control("no-floor", "us-silent-read"), Control("repeats", "us-page-place")),
    ),
    Row(
        number=9,
        fault="500, 502, 504 before and after the execution",
        client="a placement is unknown and looked up; reads are repeated under a quota",
        records=ONE_ORDER,
        injected="switches of the sandbox, on both sides of the execution",
        cases=tuple(answers.STATUSES),
        covered=(
            *_of(f"{US}_bad_days", "test_place_list", "test_outage_is_told_after_a_few_tries"),
            *_of(f"{CLOB}_bad_days", "test_post_orders", "test_outage_is_told_after_a_few_tries"),
            *_of(f"{SIM}_bad_days", "test_place_batch", "test_outage_is_told_after_a_few_tries"),
            *_of(f"{FAULTS}/test_amplification", "test_a_thousand_failing_calls"),
        ),
        controls=(Control("repeats", "us-500-after"), Control("gives-up", "clob-read-504")),
    ),
    Row(
        number=10,
        fault="trading disabled, cancel-only, restarting, post-only",
        client="told in words; cancels go on; a handful of attempts, no storm; then as ever",
        records="requests that came during the outage; orders after it",
        injected="states of the sandbox",
        cases=tuple(answers.OUTAGES),
        covered=(
            *_of(
                f"{CLOB}_bad_states",
                "test_restricted_trading",
                "test_post_only_orders_while_nothing_else_is_taken",
                "test_cancels_under_restrictions",
                "test_restart",
            ),
            *_of(f"{SIM}_bad_days", "test_outage_of_polymarket"),
        ),
        controls=(Control("storms", "polysimulator-a-minute"),),
    ),
    Row(
        number=11,
        fault="401 in the middle of a burst",
        client="one refresh for all; each call goes again once, with the same id",
        records="every order once; one token",
        injected="revoked at the tenth request",
        cases=tuple(answers.BURSTS),
        covered=(
            *_of(f"{CLIENT}/us/test_us_tokens", "test_revocation_in_a_burst_costs_one_refresh"),
            *_of(f"{CLOB}_bad_states", "test_good_credentials_refused_now_and_then"),
        ),
        controls=(Control("no-renewal", "us-burst"), Control("no-renewal", "clob-burst")),
    ),
    Row(
        number=12,
        fault="credentials revoked for good",
        client="one refresh, then a final error; beats become few; no loop",
        records="how many token requests and beats came",
        injected="refused from now on",
        cases=tuple(rest.REVOKED),
        covered=(
            *_of(
                f"{CLIENT}/us/test_us_tokens",
                "test_refusal_for_good_is_told_after_one_refresh",
                "test_refused_tokens_make_no_storm",
            ),
            *_of(f"{CLOB}_bad_states", "test_credentials_refused_for_good"),
            *_of(f"{SIM}_bad_input", "test_revoked_while_in_use"),
        ),
        controls=(
            Control("beats-on", "clob-heartbeats"),
            Control("beats-on", "polysimulator-heartbeats"),
        ),
    ),
    Row(
        number=13,
        fault="a clock that is half a minute off",
        client="no call fails",
        records="the orders are there",
        injected="the wall clock of the client alone",
        cases=tuple(answers.CLOCKS),
        covered=(
            *_of(f"{US}_bad_input", "test_wrong_clock_of_this_machine_is_worked_around"),
            *_of(f"{CLOB}_bad_states", "test_wrong_clock_of_this_machine_is_worked_around"),
            *_of(f"{SIM}_bad_days", "test_clock_that_is_off"),
        ),
        controls=(Control("own-clock", "clob-off-by-30"),),
    ),
    Row(
        number=14,
        fault="a clock that is an hour off, or jumps; a Date that lies",
        client="one call fails at most, then it is corrected or refused in words; ages are monotonic",
        records="the orders are there, none twice",
        injected="the wall clock of the client alone; dated answers",
        cases=tuple(answers.JUMPS),
        covered=(
            *_of(f"{UNIT}/test_tokens", "test_a_jump_of_the_wall_clock_changes_nothing"),
            *_of(f"{UNIT}/test_clock", "test_an_absurd_clock_is_ignored_and_flagged"),
        ),
        controls=(Control("own-clock", "us-off-by--3600"), Control("believes-dates", "clob-lying-date")),
    ),
    Row(
        number=15,
        fault="requests, answers and messages that come twice",
        client="applied once; what comes behind an answer answers nothing",
        records="one order; one fill",
        injected="a proxy that repeats; the stream of the sandbox",
        cases=tuple(rest.TWICE),
        covered=(
            *_of(f"{CLIENT}/test_http_manners", "test_an_answer_nobody_asked_for"),
            *_of(f"{CLIENT}/clob/test_user_streams_in_use", "test_every_state_of_a_fill_is_told_once"),
            *_of(f"{CLIENT}/polysimulator/test_sim_fill_streams", "test_every_fill_is_told_once"),
            *_of(f"{UNIT}/test_us_order_feed", "test_what_comes_while_the_gap_is_read_is_told_once"),
            *_of(f"{UNIT}/test_us_replay_feed", "test_a_trade_is_told_once_in_each_state"),
        ),
        controls=(
            Control("keeps-leftovers", "polysimulator-answered-read"),
            Control("no-twins", "us-asked-place"),
        ),
    ),
    Row(
        number=16,
        fault="messages out of order",
        client="no state moves backward; a book that cannot be right is read again",
        records="books and orders of the sandbox",
        injected="windows of the stream are shuffled",
        covered=(
            *_of(
                f"{UNIT}/test_clob_user_feed",
                "test_states_of_trades_go_forward_only",
                "test_steps_of_orders_go_forward_only",
            ),
            *_of(f"{UNIT}/test_us_order_feed", "test_an_order_only_gets_further"),
            *_of(f"{CLIENT}/us/test_us_market_stream", "test_updates_out_of_order"),
            *_of(f"{UNIT}/test_clob_market_divergence", "test_no_divergence_goes_unnoticed"),
            *_of(
                f"{UNIT}/polysimulator/test_polysim_market_feed",
                "test_what_comes_late_is_no_news",
                "test_a_book_that_is_behind_is_read_again",
            ),
        ),
        broken=_of(f"{UNIT}/test_clob_market_divergence", "test_without_the_detector_it_would"),
    ),
    Row(
        number=17,
        fault="gaps, missing and late snapshots",
        client="not trusted at once, replaced by a snapshot, trusted again",
        records="books of the sandbox",
        injected="messages are dropped, snapshots held back",
        covered=(
            *_of(
                f"{CLIENT}/us/test_us_market_stream",
                "test_faults_at_the_beginning",
                "test_whatever_ends_a_stream_is_a_gap",
            ),
            *_of(f"{CLIENT}/clob/test_user_streams_in_use", "test_fills_of_a_gap_are_told_afterwards"),
            *_of(
                f"{CLIENT}/polysimulator/test_sim_fill_streams",
                "test_fills_of_a_gap_are_told_before_it_is_healthy_again",
            ),
            *_of(
                f"{UNIT}/polysimulator/test_polysim_market_feed",
                "test_a_break_leaves_no_book_trusted",
                "test_a_look_of_an_earlier_connection_is_thrown_away",
            ),
            *_of(
                f"{UNIT}/test_clob_market_feed",
                "test_rest_that_is_older_than_the_stream_mends_nothing",
                "test_a_lost_change_deep_in_the_book_is_found_by_looking",
            ),
        ),
        broken=_of(
            f"{UNIT}/test_clob_market_divergence",
            "test_without_the_detector_it_would",
            "test_without_looks_at_rest_it_would",
        ),
    ),
    Row(
        number=18,
        fault="JSON that stops",
        client="a placement is unknown; a message that cannot be read costs trust, and is told",
        records=ONE_ORDER,
        injected="the sandbox cuts answers and frames",
        covered=(
            *_of(f"{US}_bad_days", "test_place"),
            *_of(f"{CLOB}_bad_days", "test_post_order_once"),
            *_of(f"{SIM}_bad_days", "test_place_once", "test_nonsense_is_no_answer"),
            *_of(f"{UNIT}/test_sending", "test_truncated_success_of_an_order"),
            *_of(f"{UNIT}/test_codec", "test_truncation_at_every_byte"),
            *_of(f"{CLIENT}/clob/test_streams_bad_days", "test_what_cannot_be_read_is_told"),
            *_of(f"{UNIT}/test_us_order_feed", "test_what_cannot_be_read_is_told_and_doubted"),
            *_of(
                f"{UNIT}/polysimulator/test_polysim_fills_feed",
                "test_what_cannot_be_read_may_have_been_a_fill",
            ),
        ),
        controls=(Control("unread-is-unsent", f"{US}_bad_days.py::test_place[sync-truncated]"),),
    ),
    Row(
        number=19,
        fault="words nobody knows",
        client="kept as they came, no end of an order, which is found all the same",
        records=ONE_ORDER,
        injected="states are rewritten in front of the sandbox",
        cases=tuple(answers.ODD_WORDS),
        covered=_of(f"{UNIT}/test_codec", "test_unknown_enum_values_survive"),
        controls=(Control("closed-words", "us-read"), Control("closed-words", "clob-read")),
    ),
    Row(
        number=20,
        fault="fields nobody knows, missing ones, null",
        client="decoded",
        records=ONE_ORDER,
        injected="answers are rewritten in front of the sandbox",
        cases=tuple(answers.ODD_FIELDS),
        covered=_of(f"{UNIT}/test_codec", "test_unknown_fields_survive", "test_null_reads_as_absent"),
        controls=(
            Control("strict-fields", "us-more-read"),
            Control("strict-fields", "polysimulator-more-cancel"),
        ),
    ),
    Row(
        number=21,
        fault="integers, exponents, depth and sizes without end",
        client="a typed error at once, bounded memory; a placement is looked up",
        records=ONE_ORDER,
        injected="a proxy answers; answers are rewritten",
        cases=(*answers.TOO_MUCH, *rest.SIZES),
        covered=(
            *_of(f"{CLIENT}/test_http_faults", "test_a_bomb_stays_small"),
            *_of(f"{UNIT}/test_nesting", "test_nested_without_end_is_refused"),
            *_of(f"{UNIT}/test_codec", "test_amounts_are_finite_and_short", "test_what_is_no_int64"),
        ),
        controls=(Control("unbounded", "us-large-read"), Control("lenient", "clob-huge-exponent-read")),
    ),
    Row(
        number=22,
        fault="NaN, Infinity, a key that is there twice",
        client="refused in amounts; a placement is looked up",
        records=ONE_ORDER,
        injected="answers are rewritten in front of the sandbox",
        cases=tuple(answers.MONEY),
        covered=_of(f"{UNIT}/test_codec", "test_floats_are_finite", "test_duplicate_keys_where_it_matters"),
        controls=(Control("lenient", "us-nan-read"), Control("lenient", "clob-text-infinity-read")),
    ),
    Row(
        number=23,
        fault="gRPC: UNAVAILABLE before and in the handler",
        client="not sent only without a connection, else unknown and looked up",
        records=ONE_ORDER,
        injected="a proxy in front of the port",
        cases=tuple(rest.CALLS),
        covered=(
            *_of(f"{US}_grpc_bad_days", "test_place", "test_cancel", "test_read"),
            *_of(f"{CLIENT}/us/test_us_over_grpc", "test_server_that_goes_is_missed_at_once"),
            *_of(f"{CLIENT}/test_grpc_calls", "test_what_no_venue_said_proves_nothing"),
        ),
        controls=(Control("gives-up", "us-grpc-comes-back-read"),),
    ),
    Row(
        number=24,
        fault="GOAWAY, the age of a connection",
        client="calls go on over another connection; every order stands once",
        records=ONE_ORDER,
        injected="the sandbox says GOAWAY",
        cases=tuple(rest.AGES),
        covered=_of(f"{CLIENT}/us/test_us_market_stream", "test_whatever_ends_a_stream_is_a_gap"),
        controls=(Control("one-connection", "us-grpc-goes-away"),),
    ),
    Row(
        number=25,
        fault="a peer that is frozen",
        client="noticed by pings; another connection; orders are resolved",
        records=ONE_ORDER,
        injected="the proxy carries nothing more, and does not hang up",
        cases=tuple(rest.FROZEN),
        covered=(
            *_of(f"{CLIENT}/clob/test_streams_bad_days", "test_a_server_that_answers_no_ping_is_given_up"),
            *_of(f"{CLIENT}/clob/test_streams_in_use", "test_a_silent_socket_is_replaced"),
            *_of(
                f"{FAULTS}/test_frozen_streams",
                "test_blocking_streams_notice_a_frozen_venue",
                "test_asynchronous_streams_notice_a_frozen_venue",
            ),
            *_of(f"{CLIENT}/us/test_us_market_stream", "test_whatever_ends_a_stream_is_a_gap"),
        ),
        controls=(Control("no-pings", "us-grpc-freezes"),),
    ),
    Row(
        number=26,
        fault="GOAWAY for too many pings",
        client="calls go on over another connection",
        records=ONE_ORDER,
        injected="a server with strict limits of pings",
        cases=tuple(rest.PINGS),
        controls=(Control("one-connection", "us-grpc-strict"),),
    ),
    Row(
        number=27,
        fault="the token endpoint is down, slow, refuses, talks nonsense",
        client="the old token to its end, one flight, then a typed error; nothing is sent without",
        records="token requests; no order",
        injected="modes of the issuer",
        covered=(
            *_of(
                f"{US}_bad_days",
                "test_token_endpoint_stumbles",
                "test_token_endpoint_is_down",
                "test_token_endpoint_fails_while_a_token_is_good",
            ),
            *_of(
                f"{UNIT}/test_tokens",
                "test_a_failed_early_renewal_keeps_the_token_and_backs_off",
                "test_an_outage_of_a_minute_with_time_left_fails_no_call",
            ),
        ),
        controls=(Control("no-second-token", f"{US}_bad_days.py::test_token_endpoint_stumbles[500]"),),
    ),
    Row(
        number=28,
        fault="two processes renew at once; the one that does is killed",
        client="one request; the others read its token; its lease ends with it",
        records="token requests at the issuer",
        injected="processes of their own",
        covered=(
            *_of(
                f"{UNIT}/limits/test_token_sharing",
                "test_two_hundred_workers_make_one_request",
                "test_a_token_is_renewed_once_for_all_processes",
                "test_who_died_while_fetching_is_not_waited_for_for_ever",
            ),
            *_of(
                f"{UNIT}/limits/test_places", "test_a_lease_ends_with_its_process", "test_leases_and_parcels"
            ),
        ),
        broken=_of(
            f"{UNIT}/limits/test_token_sharing", "test_without_the_place_each_process_fetches_its_own"
        ),
    ),
    Row(
        number=29,
        fault="vault: the disk is full",
        client="the old file as it was, a typed error",
        records="the file",
        injected="a limit on the size of files",
        covered=_of(f"{UNIT}/vault/test_vault_files", "test_a_full_disk_leaves_what_was_there"),
        broken=_of(f"{UNIT}/vault/test_vault_kills", "test_a_careless_save_is_noticed"),
    ),
    Row(
        number=30,
        fault="vault: read-only, open to others, a link, somebody else's",
        client="refused with the reason; modes are never widened",
        records="the file and its mode",
        injected="modes, links and owners",
        covered=_of(
            f"{UNIT}/vault/test_vault_files",
            "test_a_file_open_to_others_is_refused",
            "test_a_directory_open_to_others_is_refused",
            "test_a_symbolic_link_is_refused",
            "test_a_file_of_another_user_is_refused",
            "test_a_read_only_vault_is_read",
        ),
        controls=(
            Control(
                "any-file",
                f"{UNIT}/vault/test_vault_files.py::test_a_file_open_to_others_is_refused",
            ),
        ),
    ),
    Row(
        number=31,
        fault="vault: damaged, cut, put back, of the future",
        client="a typed error for each; no plaintext",
        records="the records",
        injected="flipped bits, cuts, older copies",
        covered=(
            *_of(
                f"{UNIT}/vault/test_vault_format",
                "test_every_bit_counts",
                "test_every_length_counts",
                "test_a_newer_format_says_so",
            ),
            *_of(
                f"{UNIT}/vault/test_vault_files",
                "test_an_old_file_put_back_is_noticed",
                "test_a_damaged_file_says_so",
            ),
        ),
        broken=_of(f"{UNIT}/vault/test_vault_format", "test_bits_that_nothing_proves_are_found"),
    ),
    Row(
        number=32,
        fault="the client is killed between journal, sending, answer and record",
        client="what was begun is looked for at the next start: adopted, or proven absent",
        records="the engine's orders after the next start",
        injected="SIGKILL at named points",
        covered=(
            *_of(
                "tests/managed/test_managed_journal",
                "test_an_order_is_written_before_it_leaves",
                "test_without_a_journal_nothing_is_sent",
                "test_a_killed_process_leaves_nothing_unknown",
            ),
            *_of("tests/managed/test_managed_venues", "test_orders_of_the_us_exchange_are_journalled"),
            *_of(
                "tests/managed/test_managed_kill",
                "test_killed_around_an_order_of_the_us_exchange",
                "test_killed_around_an_order_of_polysimulator",
            ),
            *_of(f"{SIM}_bad_days", "test_unknown_noted_before_a_restart"),
            *_of(f"{CLIENT}/polysimulator/test_sim_sending_in_use", "test_venue_that_starts_again"),
            *_of(f"{UNIT}/test_us_replay_feed", "test_killed_anywhere_nothing_is_lost"),
        ),
        broken=_of("tests/managed/test_managed_journal", "test_an_order_that_is_not_written_is_seen"),
    ),
    Row(
        number=33,
        fault="the sandbox is killed",
        client="clients come back; what was acknowledged is there, once",
        records="the file that is left, and the answers of the next life",
        injected="SIGKILL at random moments",
        covered=(
            *_of(f"{US}_kill", "test_what_was_acknowledged_survives", "test_next_life_is_the_same_venue"),
            *_of(f"{CLOB}_kill", "test_what_was_said_holds"),
            *_of(f"{SIM}_kill", "test_what_was_said_holds"),
            *_of(f"{SANDBOX}/engine/test_engine_journal", "test_nothing_acknowledged_is_lost_by_kill_9"),
        ),
        broken=(
            *_of(f"{US}_kill", "test_the_check_notices"),
            *_of(f"{CLOB}_kill", "test_the_check_notices"),
            *_of(f"{SIM}_kill", "test_the_check_notices"),
        ),
    ),
    Row(
        number=34,
        fault="the sandbox's disk is full",
        client="refused before anything is acknowledged; it goes on once there is room",
        records="the journal, opened again",
        injected="a limit on pages",
        covered=(
            *_of(f"{SANDBOX}/engine/test_engine_journal", "test_a_full_disk_refuses_before_anything_happens"),
            *_of(
                f"{SANDBOX}/polysimulator/engine/test_paper_durability",
                "test_a_commit_that_fails_changes_nothing",
            ),
            *_of(f"{SANDBOX}/polysimulator/test_polysim_errors", "test_a_full_journal_is_an_internal_error"),
        ),
        broken=_of(
            f"{SANDBOX}/engine/test_engine_journal",
            "test_an_acknowledgement_before_the_commit_would_be_noticed",
        ),
    ),
    Row(
        number=35,
        fault="Redis is down, restarted, emptied",
        client="a lower limit of one's own, never none; back at once; one burst more at most",
        records="when requests left, over all processes",
        injected="SIGKILL of a private server",
        covered=(
            *_of(
                f"{UNIT}/limits/test_processes",
                "test_a_killed_server_opens_nothing",
                "test_an_emptied_server_costs_a_burst",
            ),
            *_of(
                f"{UNIT}/limits/test_places",
                "test_a_server_that_forbids_or_holds_something_else_is_down",
                "test_no_clock_of_a_holder_counts",
            ),
            *_of(
                f"{UNIT}/limits/test_share",
                "test_alone_each_keeps_to_its_share",
                "test_never_open_before_holders_were_counted",
                "test_a_place_that_is_back_is_asked_within_a_second",
            ),
        ),
        controls=(
            Control(
                "open-when-down",
                f"{UNIT}/limits/test_share.py::test_never_open_before_holders_were_counted",
            ),
        ),
    ),
    Row(
        number=36,
        fault="beats that are lost, wrong, or not made",
        client="made again, with the id expected; that orders may be gone is said",
        records="the venue's orders",
        injected="faults of the sandbox; a loop that is blocked",
        cases=tuple(rest.BEATS),
        covered=(
            *_of(
                f"{CLIENT}/clob/test_heartbeats_in_use",
                "test_single_beats_are_lost",
                "test_another_process_beats_as_well",
                "test_venue_out_of_reach_is_told",
            ),
            *_of(
                f"{CLIENT}/polysimulator/test_sim_heartbeats_in_use",
                "test_beats_keep_orders",
                "test_beats_that_fail_for_too_long",
            ),
        ),
        controls=(Control("always-alive", "clob-blocked"), Control("always-alive", "polysimulator-blocked")),
    ),
    Row(
        number=37,
        fault="a cancel while the market holds the order",
        client="tried again after 0.3 seconds, for a few seconds; the end is reported",
        records="the order's state",
        injected="a market with a hold",
        cases=tuple(rest.HELD),
        controls=(Control("no-hold", "clob-for-0.25-s"),),
    ),
    Row(
        number=38,
        fault="matched, and the settlement fails later",
        client="on its way until it is final; what failed counts no more",
        records="the trades of the sandbox",
        injected="states of settlement",
        covered=(
            *_of(f"{CLIENT}/clob/test_user_streams_in_use", "test_orders_and_fills_are_told"),
            *_of(f"{UNIT}/test_clob_user_feed", "test_states_of_trades_go_forward_only"),
            *_of(f"{UNIT}/clob/test_unsettled", "test_what_the_chain_has_is_not_on_the_way"),
            *_of(f"{CLIENT}/desk/test_desk_settling", "test_a_trade_settled_meanwhile_counts_once"),
        ),
        controls=(
            Control(
                "failed-counts", f"{UNIT}/clob/test_unsettled.py::test_what_the_chain_has_is_not_on_the_way"
            ),
        ),
    ),
    Row(
        number=39,
        fault="redirects, TLS that cannot be trusted",
        client="nobody is followed, nothing is downgraded, no credential leaves",
        records="what reached the other host: nothing",
        injected="a second server; certificates of the tests' own",
        cases=tuple(rest.REDIRECTS),
        covered=(
            *_of(f"{CLIENT}/test_http_manners", "test_redirects_are_not_followed"),
            *_of(
                f"{CLIENT}/test_http_tls", "test_unknown_issuer", "test_wrong_host_name", "test_no_tls_at_all"
            ),
            *_of(f"{CLIENT}/clob/test_streams_bad_days", "test_no_redirect_is_followed"),
        ),
        controls=(Control("follows", "us-read"),),
    ),
    Row(
        number=40,
        fault="the task is cancelled while it places",
        client="the id of whatever may stand goes along; looking for it finds it",
        records=ONE_ORDER,
        injected="cancelled at each point where others have their turn",
        cases=tuple(rest.TASKS),
        covered=(
            *_of(f"{CLOB}_bad_days", "test_cut_off_in_the_middle"),
            *_of(f"{SIM}_bad_days", "test_cut_off_in_the_middle", "test_ctrl_c_in_the_middle"),
            *_of(f"{UNIT}/clob/test_placing", "test_cut_off_tells_which_orders_may_stand"),
        ),
        controls=(Control("no-notes", "clob-cut-off"), Control("no-notes", "us-cut-off")),
    ),
)
