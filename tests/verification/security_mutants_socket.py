"""The guards of the protocol, each removed: what one socket may cost, whose it is, what is understood."""

from __future__ import annotations

from tests.verification.mutants import Mutant

PROTOCOL = "consumers.server.websocket_protocol"
WIRE = "consumers.server.test_websocket_protocol"
CONSUMER = "consumers.websocket.consumer"
BOUNDED = "consumers.websocket.test_bounded"
CONNECTS = "consumers.websocket.test_connects"
SESSIONS = "consumers.security.sessions"
OF_SESSIONS = "consumers.security.test_sessions"

MUTANTS = [
    Mutant(
        id="S4-right-of-a-passive-tab",
        error="the check of the connections asks whose session it is and not whether the user still may",
        module="consumers.dispatch",
        edits=(("None if allowed else Code.NOT_ALLOWED", "None"),),
        killer="consumers.test_runtime::test_a_passive_tab_whose_user_lost_the_right_ends",
    ),
    Mutant(
        id="S4-right-at-each-command",
        error="a command looks at the session and the owner only",
        module="consumers.dispatch",
        edits=(
            ("    if not authoriser().can_open(user, Target(draft.target_kind, draft.target_id)):", "    if False:"),
        ),
        killer="consumers.test_dispatch::test_a_command_of_a_user_who_lost_the_right_is_refused",
    ),
    Mutant(
        id="S4-right-of-a-chunk",
        error="a chunk is taken however long ago the authoriser was asked",
        module=CONSUMER,
        edits=(("        self._check_permission()\n        chunk =", "        chunk ="),),
        killer=f"{BOUNDED}::test_a_chunk_is_refused_when_the_last_answer_is_too_old",
    ),
    Mutant(
        id="S4-right-of-a-snapshot",
        error="a snapshot is shown however long ago the authoriser was asked",
        module=CONSUMER,
        edits=(("        try:\n            self._check_permission()\n", "        try:\n            pass\n"),),
        killer=f"{BOUNDED}::test_a_snapshot_is_kept_back_when_the_last_answer_is_too_old",
    ),
    Mutant(
        id="S4-right-to-look",
        error="the owner of a draft sees its files after the right to it was withdrawn",
        module="uploads.files.views",
        edits=(("return authoriser().can_open(user, Target(draft.target_kind, draft.target_id))", "return True"),),
        killer="uploads.files.test_views::test_an_owner_who_lost_the_right_to_the_draft_sees_its_files_no_more",
    ),
    Mutant(
        id="S5-session-of-a-passive-tab",
        error="the check of the connections never looks at sessions",
        module="consumers.dispatch",
        edits=(
            ("            answers[key, draft_id] = Code.SIGNED_OUT\n", "            answers[key, draft_id] = None\n"),
        ),
        killer="consumers.test_runtime::test_a_passive_tab_whose_session_ended_ends",
    ),
    Mutant(
        id="S5-password",
        error="a session outlives the password it was made with",
        module=SESSIONS,
        edits=(("return any(constant_time_compare(known, good) for good in hashes)", "return True"),),
        killer=f"{OF_SESSIONS}::test_another_password_ends_the_sessions_made_with_the_old_one",
    ),
    Mutant(
        id="S5-fallback-keys",
        error="a rotated key signs everybody out of the wire",
        module=SESSIONS,
        edits=((", *user.get_session_auth_fallback_hash()]", "]"),),
        killer=f"{OF_SESSIONS}::test_a_session_signed_with_the_key_before_still_counts_while_that_is_named",
    ),
    Mutant(
        id="S5-inactive-user",
        error="a socket of an inactive user may go on",
        module=SESSIONS,
        edits=((", is_active=True).first()", ").first()"),),
        killer=f"{OF_SESSIONS}::test_an_inactive_user_has_no_session",
    ),
    Mutant(
        id="S5-inactive-user-in-the-check",
        error="the check of the connections takes inactive users for active ones",
        module=SESSIONS,
        edits=((" for pk, user in users.items() if user.is_active}", " for pk, user in users.items()}"),),
        killer=f"{OF_SESSIONS}::test_an_inactive_user_has_no_session",
    ),
    Mutant(
        id="S5-expired-session",
        error="the check of the connections takes a session that ran out",
        module=SESSIONS,
        edits=((", expire_date__gt=timezone.now())", ")"),),
        killer=f"{OF_SESSIONS}::test_a_session_that_ran_out_is_none",
    ),
    Mutant(
        id="S7-deep-text",
        error="text that nests deeper than Python reads fails every page of its owner",
        module="uploads.drafts.form_state",
        edits=(("    except RecursionError:", "    except ZeroDivisionError:"),),
        killer="uploads.drafts.test_form_state::test_text_that_nests_deeper_than_anybody_reads_is_no_text",
    ),
    Mutant(
        id="S7-twice",
        error="of a field that is there twice the last one counts",
        module="consumers.protocol.messages",
        edits=(("        _names.decode(text)\n", ""),),
        killer="consumers.protocol.test_messages::test_a_field_is_there_once",
    ),
    Mutant(
        id="S8-frame-limit",
        error="a frame may be as large as it likes",
        module="consumers.server.daphne",
        edits=(
            ("websocket_max_message_size=MAX_FRAME_BYTES", "websocket_max_message_size=0"),
            ("websocket_max_frame_size=MAX_FRAME_BYTES", "websocket_max_frame_size=0"),
        ),
        killer=f"{WIRE}::test_the_launcher_limits_frames_and_messages",
    ),
    Mutant(
        id="S8-large-snapshot",
        error="a snapshot over the limit of received messages is sent to nobody",
        module=PROTOCOL,
        edits=(
            ("limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0", "limit = self.maxMessagePayloadSize"),
        ),
        killer=f"{WIRE}::test_a_snapshot_beyond_the_limit_of_received_frames_is_sent",
    ),
    Mutant(
        id="S12-turns",
        error="all frames of a read are handled before anybody else has a turn",
        module=PROTOCOL,
        edits=(("for _ in range(STEPS_PER_TURN):", "for _ in range(10**9):"),),
        killer=f"{WIRE}::test_one_read_of_small_frames_is_handled_in_turns",
    ),
    Mutant(
        id="S12-typing",
        error="what is typed is written as fast as it comes",
        module=CONSUMER,
        edits=(("            await wait_for_token(self._runtime.typing_limiter, self.user_key)", "            pass"),),
        killer=f"{BOUNDED}::test_what_is_typed_too_fast_is_late_and_not_refused",
    ),
    Mutant(
        id="S12-commands-of-a-user",
        error="each session of a user takes as many threads of the database as a user may",
        module=CONSUMER,
        edits=(("self._runtime.command_turns.of(self.user_key)", "self._runtime.command_turns.of(self.session_key)"),),
        killer=f"{BOUNDED}::test_the_commands_of_many_tabs_of_a_user_leave_threads_to_others",
    ),
    Mutant(
        id="S12-opened-in-a-loop",
        error="who opens sockets in a loop is refused at once, and is back at once",
        module=CONSUMER,
        edits=(("        if not in_time:\n            await asyncio.sleep(DETAIN_SECONDS)\n", ""),),
        killer=f"{CONNECTS}::test_who_connects_in_a_loop_waits_for_each_refusal",
    ),
    Mutant(
        id="S12-made-up-session",
        error="who makes sessions up is refused at once, and is back at once",
        module=CONSUMER,
        edits=(("            if in_time and refusal.code is Code.SIGNED_OUT:\n", "            if False:\n"),),
        killer=f"{CONNECTS}::test_who_makes_a_session_up_waits_for_the_refusal_and_joins_nothing",
    ),
    Mutant(
        id="S12-lookups",
        error="each made-up session is looked up by itself, in a thread of the database",
        module="consumers.session_lookups",
        edits=(("        if self._batches is None or self._batches.done():\n", "        if True:\n"),),
        killer="consumers.test_session_lookups::"
        "test_sessions_that_connect_meanwhile_are_looked_up_together_after_a_pause",
    ),
    Mutant(
        id="S12-failed-lookups",
        error="made-up sessions are looked up one right after the other",
        module="consumers.session_lookups",
        edits=(("            await self._pause(PAUSE_SECONDS)\n", ""),),
        killer="consumers.test_session_lookups::"
        "test_sessions_that_connect_meanwhile_are_looked_up_together_after_a_pause",
    ),
    Mutant(
        id="S12-key-that-spoils-a-batch",
        error="a made-up session key that the database refuses fails the lookups of all others",
        module="consumers.security.sessions",
        edits=(("    keys = {key for key in keys if len", "    _ = {key for key in keys if len"),),
        killer="consumers.security.test_sessions::test_a_cookie_that_is_no_session_spoils_no_lookup_of_many",
    ),
    Mutant(
        id="S12-locked-draft",
        error="the tabs of a locked draft take all threads of the database",
        module=CONSUMER,
        edits=(("self._runtime.draft_turns.of(str(self.draft_id)), ", ""),),
        killer=f"{CONNECTS}::test_a_locked_draft_delays_neither_the_handshake_nor_the_sockets_of_others",
    ),
    Mutant(
        id="S12-connects",
        error="the tabs that return after a restart take all threads of the database",
        module=CONSUMER,
        edits=((", self._runtime.connect_turn:", ":"),),
        killer=f"{CONNECTS}::test_tabs_that_return_together_leave_threads_to_others",
    ),
    Mutant(
        id="S12-accepted-first",
        error="the handshake of a made-up session is answered before it is looked up",
        module=CONSUMER,
        edits=(("        tab = dispatch.tab_id(", "        await self._accept()\n        tab = dispatch.tab_id("),),
        killer=f"{CONNECTS}::test_a_handshake_is_answered_after_the_session_was_looked_up",
    ),
    Mutant(
        id="S12-gone",
        error="the draft of a client that is gone is opened all the same",
        module=CONSUMER,
        edits=(("            if self._inbound.has_ended:\n", "            if False:\n"),),
        killer=f"{CONNECTS}::test_who_is_gone_before_the_draft_can_be_opened_opens_none",
    ),
    Mutant(
        id="S12-groups-of-a-made-up-session",
        error="who is refused joins the groups of the channel layer first",
        module=CONSUMER,
        edits=(
            (
                "        process_id = self._runtime.process_id()\n",
                "        process_id = self._runtime.process_id()\n        await self._join()\n",
            ),
        ),
        killer=f"{CONNECTS}::test_who_makes_a_session_up_waits_for_the_refusal_and_joins_nothing",
    ),
    Mutant(
        id="S12-typing-of-a-user",
        error="each session of a user types at the whole pace",
        module=CONSUMER,
        edits=(("self._runtime.typing_limiter, self.user_key", "self._runtime.typing_limiter, self.session_key"),),
        killer=f"{BOUNDED}::test_what_is_typed_too_fast_is_late_and_not_refused",
    ),
    Mutant(
        id="S12-sync-of-a-user",
        error="each session of a user asks for snapshots at the whole pace",
        module=CONSUMER,
        edits=(("self._runtime.sync_limiter, self.user_key", "self._runtime.sync_limiter, self.session_key"),),
        killer=f"{BOUNDED}::test_snapshots_are_asked_for_at_the_pace_of_the_user",
    ),
    Mutant(
        id="S12-polling-of-a-user",
        error="each session of a user polls at the whole pace",
        module="consumers.polling.http_transport",
        edits=(("self._of_users.take(str(user.pk),", "self._of_users.take(context.session_key,"),),
        killer="consumers.polling.test_views::test_the_sessions_of_a_user_share_a_pace",
    ),
    Mutant(
        id="S12-lost-connection",
        error="a lost connection stays in memory for as long as its close may take",
        module=PROTOCOL,
        edits=(
            (
                "            self.closeHandshakeTimeoutCall.cancel()\n"
                "            self.closeHandshakeTimeoutCall = None",
                "            pass",
            ),
        ),
        killer=f"{WIRE}::test_a_lost_connection_is_not_kept_by_the_timer_of_its_close",
    ),
    Mutant(
        id="S12-frames",
        error="frames that are no messages are not counted",
        module=PROTOCOL,
        edits=(("            self._too_many = True\n", "            pass\n"),),
        killer=f"{WIRE}::test_pings_without_end_are_read_slowly",
    ),
    Mutant(
        id="S12-refused-socket",
        error="what a refused socket sends is handed on",
        module=PROTOCOL,
        edits=(("        if self.state == self.STATE_OPEN:\n", "        if True:\n"),),
        killer=f"{WIRE}::test_after_our_close_nothing_is_handed_on_and_reading_rests",
    ),
    Mutant(
        id="S12-refused-socket-is-read",
        error="a refused socket is read as fast as it sends",
        module=PROTOCOL,
        edits=(
            ("            if self.state == self.STATE_CLOSING and not self._resting:\n", "            if False:\n"),
            ("CLOSING_SECONDS if self.state == self.STATE_CLOSING else 0", "0"),
        ),
        killer=f"{WIRE}::test_after_our_close_nothing_is_handed_on_and_reading_rests",
    ),
    Mutant(
        id="S12-unread-answers",
        error="the server writes without looking whether the client reads",
        module=PROTOCOL,
        edits=(("        self._drained.clear()\n", "        pass\n"),),
        killer=f"{WIRE}::test_a_sender_waits_while_the_client_does_not_read",
    ),
    Mutant(
        id="S12-client-that-takes-nothing",
        error="a client that takes nothing is waited for",
        module=PROTOCOL,
        edits=(("            self.dropConnection(abort=True)\n", "            pass\n"),),
        killer=f"{WIRE}::test_a_client_that_takes_nothing_for_long_is_cut_off",
    ),
    Mutant(
        id="S12-deaf-tab",
        error="who announces a change waits for each client to read it",
        module=CONSUMER,
        edits=(("            self._feed.offer(event)\n", "            await self._show(event)\n"),),
        killer=f"{BOUNDED}::test_who_announces_something_waits_for_no_client",
    ),
    Mutant(
        id="S12-deaf-ending",
        error="an ending waits for a client that does not read",
        module=CONSUMER,
        edits=(("async with asyncio.timeout(LAST_WORDS_SECONDS):", "async with asyncio.timeout(None):"),),
        killer=f"{BOUNDED}::test_a_client_that_does_not_read_is_sent_away_all_the_same",
    ),
    Mutant(
        id="S12-sync",
        error="a client that asks without end is answered without end",
        module="consumers.websocket.snapshot_feed",
        edits=(("                await self._turn()\n", ""),),
        killer="consumers.websocket.test_snapshot_feed::test_asking_without_end_reads_the_draft_at_its_pace",
    ),
    Mutant(
        id="S12-one-snapshot-waits",
        error="every snapshot waits for a client that does not read",
        module="consumers.websocket.snapshot_feed",
        edits=(
            ("        if self._task is None or self._task.done():\n            self._task =", "        self._task ="),
        ),
        killer="consumers.websocket.test_snapshot_feed::"
        "test_a_client_that_does_not_read_has_one_snapshot_under_way_and_one_waiting",
    ),
    Mutant(
        id="S12-messages-waiting",
        error="empty messages wait without number",
        module="consumers.rate_limits",
        edits=(("Code.TOO_FAST if self._messages > COMMANDS.burst else None", "None"),),
        killer="consumers.websocket.test_inbound_queue::test_empty_messages_wait_in_a_bounded_number",
    ),
    Mutant(
        id="S12-pace-of-a-user",
        error="each session of a user has the whole pace",
        module=CONSUMER,
        edits=(
            ("self._runtime.message_limiter.take(self.user_key", "self._runtime.message_limiter.take(self.session_key"),
        ),
        killer=f"{BOUNDED}::test_the_sessions_of_a_user_share_a_pace",
    ),
    Mutant(
        id="S12-small-chunks",
        error="chunks cost nothing however small",
        module=CONSUMER,
        edits=(("if frame is not None and len(frame) >= self.limits.chunk_bytes:", "if frame is not None:"),),
        killer=f"{BOUNDED}::test_small_chunks_count_and_full_ones_do_not",
    ),
    Mutant(
        id="S12-sockets-of-a-session",
        error="a session opens as many sockets as it likes",
        module="consumers.rate_limits",
        edits=(("        if self._open[digest] >= limit:\n", "        if False:\n"),),
        killer=f"{BOUNDED}::test_a_session_has_forty_sockets_and_another_one_when_one_ends",
    ),
    Mutant(
        id="S12-sockets-of-a-user",
        error="a user opens as many sockets as all sessions together allow",
        module="uploads.presence.sockets",
        edits=((".count() >= upload_settings().limits.max_user_sockets:", ".count() < 0:"),),
        killer="uploads.presence.test_sockets::test_a_user_has_as_many_sockets_as_allowed_in_all_drafts_and_processes",
    ),
]
