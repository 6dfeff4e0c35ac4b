"""The guards of the HTTP side, each removed: what a stranger may send, hold, leave unread and claim."""

from __future__ import annotations

from tests.verification.mutants import Mutant

BODY_LIMIT = "consumers.server.body_limit"
BODY_RULES = "consumers.server.body_rules"
CHANNEL = "consumers.server.http_channel"
REQUEST = "consumers.server.http_request"
FORWARDING = "consumers.server.forwarding"
BODY_TESTS = "consumers.server.test_body_limit::"
CHANNEL_TESTS = "consumers.server.test_http_channel::"
REQUEST_TESTS = "consumers.server.test_http_request::"

MUTANTS = [
    Mutant(
        id="S31-announced",
        error="a length that is too large is noticed only when its bytes have come",
        module=BODY_LIMIT,
        edits=(("await self._check(int(value))", "pass"),),
        killer=BODY_TESTS + "test_a_stranger_is_refused_before_a_byte_and_while_the_bytes_come",
    ),
    Mutant(
        id="S31-counted",
        error="the length that a request names is believed",
        module=BODY_LIMIT,
        edits=(("self._received += more", "self._received += 0"),),
        killer=BODY_TESTS + "test_a_stranger_is_refused_before_a_byte_and_while_the_bytes_come",
    ),
    Mutant(
        id="S31-session",
        error="any cookie is a session",
        module=BODY_LIMIT,
        edits=(("if user is None:\n            return None", "if user is None:\n            return 0"),),
        killer=BODY_TESTS + "test_a_stranger_is_refused_before_a_byte_and_while_the_bytes_come",
    ),
    Mutant(
        id="S31-route",
        error="a signed-in user may send a whole draft to any address",
        module=BODY_RULES,
        edits=(("return Allowance(self._requests.max_body_bytes,", "return Allowance(self.user_bytes,"),),
        killer=BODY_TESTS + "test_a_signed_in_user_sends_a_megabyte_where_no_route_says_more",
    ),
    Mutant(
        id="S31-whole-path",
        error="a route is found in the middle of a path",
        module=BODY_RULES,
        edits=(("pattern.fullmatch(path)", "pattern.search(path)"),),
        killer="consumers.server.test_body_rules::test_a_route_is_a_whole_path",
    ),
    Mutant(
        id="S31-form",
        error="the server parses forms itself",
        module=REQUEST,
        edits=(
            (
                "        self.inbox.complete()\n",
                "        self.inbox.complete()\n        self.content.write(b'a=1')\n"
                "        http_protocol.WebRequest.requestReceived(self, command, path, version)\n",
            ),
        ),
        killer=REQUEST_TESTS + "test_an_empty_form_is_no_business_of_the_server",
    ),
    Mutant(
        id="S31-parts",
        error="chunks of one byte are handled without end",
        module=REQUEST,
        edits=(("            raise TooManyParts", "            pass"),),
        killer=REQUEST_TESTS + "test_chunks_of_one_byte_are_not_handled_for_long",
    ),
    Mutant(
        id="S31-taken",
        error="a body is read faster than the application takes it",
        module=REQUEST,
        edits=(("            self._hold()", "            pass"),),
        killer=REQUEST_TESTS + "test_no_more_is_read_than_the_application_takes",
    ),
    Mutant(
        id="S31-upgrade",
        error="the body of an upgrade is handed to the socket",
        module=REQUEST,
        edits=(('hasHeader(b"Upgrade") and not self.inbox', 'hasHeader(b"Nothing") and not self.inbox'),),
        killer=REQUEST_TESTS + "test_an_upgrade_with_a_body_is_refused",
    ),
    Mutant(
        id="S12-pending",
        error="strangers' bodies fill the memory",
        module=BODY_RULES,
        edits=(("            return False", "            pass"),),
        killer=BODY_TESTS + "test_strangers_hold_so_much_memory_and_a_sign_in_passes_all_the_same",
    ),
    Mutant(
        id="S12-pace",
        error="strangers' bodies are read as fast as they come",
        module=BODY_LIMIT,
        edits=(("await asyncio.sleep(self._limit.throttle.delay(uncounted, time.monotonic()))", "pass"),),
        killer=BODY_TESTS + "test_strangers_are_read_at_a_pace_and_a_user_is_not",
    ),
    Mutant(
        id="S12-given-back",
        error="the bodies of requests that ended count for ever",
        module=BODY_LIMIT,
        edits=(
            (
                "            self._limit.under_way.give_back(self._counted)\n        else",
                "            pass\n        else",
            ),
        ),
        killer=BODY_TESTS + "test_strangers_hold_so_much_memory_and_a_sign_in_passes_all_the_same",
    ),
    Mutant(
        id="S12-user",
        error="one user sends as many large bodies at a time as connections",
        module=BODY_RULES,
        edits=(("if self._bodies[user] >= self._requests.max_user_bodies:", "if False:"),),
        killer=BODY_TESTS + "test_one_user_holds_so_many_large_bodies",
    ),
    Mutant(
        id="S12-checks",
        error="strangers' cookies take all threads of the database",
        module=BODY_LIMIT,
        edits=(("asyncio.Semaphore(CHECKS)", "asyncio.Semaphore(99)"),),
        killer=BODY_TESTS + "test_however_many_strangers_ask_two_threads_look",
    ),
    Mutant(
        id="S12-asked-again",
        error="each request of a session asks the database",
        module=BODY_LIMIT,
        edits=(("if until > time.monotonic():", "if False:"),),
        killer=BODY_TESTS + "test_a_session_is_asked_for_once_in_a_while",
    ),
    Mutant(
        id="S12-unread",
        error="an application sends on while its client reads nothing",
        module=CHANNEL,
        edits=(("            await writer", "            pass"),),
        killer=CHANNEL_TESTS + "test_an_application_waits_for_a_client_that_does_not_read",
    ),
    Mutant(
        id="S12-pipelined",
        error="the next request is answered before the last answer was read",
        module="consumers.server.daphne",
        edits=(("await protocol.drained()", "pass"),),
        killer=CHANNEL_TESTS + "test_pipelined_requests_wait_until_the_answer_before_was_read",
    ),
    Mutant(
        id="S12-context",
        error="a pipelined request runs in the context of the one before",
        module="consumers.server.daphne",
        edits=((", context=Context())", ")"),),
        killer=CHANNEL_TESTS + "test_a_pipelined_request_knows_nothing_of_the_one_before",
    ),
    Mutant(
        id="S12-ahead",
        error="requests are read ahead while one is answered",
        module=CHANNEL,
        edits=(
            (
                "self._dataBuffer.append(data)\n            self._networkProducer.pauseProducing()",
                "self._dataBuffer.append(data)",
            ),
        ),
        killer=CHANNEL_TESTS + "test_nothing_more_is_read_while_a_request_is_answered",
    ),
    Mutant(
        id="S12-connections",
        error="connections are taken without end",
        module=CHANNEL,
        edits=(("len(self._open) > self.limits.max_connections", "False"),),
        killer=CHANNEL_TESTS + "test_a_full_process_closes_who_has_waited_the_longest",
    ),
    Mutant(
        id="S12-longest",
        error="a full process closes who came last",
        module="consumers.server.connection_rules",
        edits=(("return min(waiting,", "return max(waiting,"),),
        killer=CHANNEL_TESTS + "test_a_full_process_closes_who_has_waited_the_longest",
    ),
    Mutant(
        id="S12-detained",
        error="who sends a body in tiny pieces is let go at once, and is back at once",
        module=CHANNEL,
        edits=(("self.callLater(DETAIN_SECONDS, self.transport.abortConnection)", "self.transport.abortConnection()"),),
        killer=REQUEST_TESTS + "test_chunks_of_one_byte_are_not_handled_for_long",
    ),
    Mutant(
        id="S12-others-pace",
        error="a request without a body waits for the bodies of others",
        module=BODY_RULES,
        edits=(("        if not size:\n            return 0.0\n", ""),),
        killer="consumers.server.test_body_rules::test_who_sends_nothing_that_counts_does_not_wait_for_the_others",
    ),
    Mutant(
        id="S12-lingering",
        error="a refused body is read to its end",
        module=CHANNEL,
        edits=(("if self._dropped_bytes > LINGER_BYTES:", "if False:"),),
        killer=CHANNEL_TESTS + "test_an_early_answer_is_not_lost_in_the_body_that_follows_it",
    ),
    Mutant(
        id="S14-headers",
        error="each byte of a header gives it more time",
        module=CHANNEL,
        edits=(("if self._waiting is Waiting.REQUEST:", "if True:"),),
        killer=CHANNEL_TESTS + "test_headers_that_come_byte_by_byte_are_answered_with_408",
    ),
    Mutant(
        id="S14-silent",
        error="a connection that says nothing stays",
        module="consumers.server.connection_rules",
        edits=(("return limits.idle_seconds", "return float('inf')"),),
        killer=CHANNEL_TESTS + "test_a_silent_connection_is_closed",
    ),
    Mutant(
        id="S14-body",
        error="each byte of a body gives it all the time again",
        module=BODY_RULES,
        edits=((" - waited", ""),),
        killer="consumers.server.test_body_rules::test_a_slow_line_has_time_and_a_byte_now_and_then_has_none",
    ),
    Mutant(
        id="S14-waited",
        error="the wait for a body is never over",
        module=BODY_LIMIT,
        edits=(
            ("asyncio.timeout(self._limit.rules.seconds_left(self._received, self._waited))", "asyncio.timeout(9)"),
        ),
        killer=BODY_TESTS + "test_a_body_that_trickles_is_answered_with_408",
    ),
    Mutant(
        id="S14-reading",
        error="an answer that nobody reads stays",
        module=CHANNEL,
        edits=(("self._unread_since is None else Waiting.READING", "self._unread_since is None else Waiting.BODY"),),
        killer=CHANNEL_TESTS + "test_who_reads_nothing_is_cut_off",
    ),
    Mutant(
        id="S15-body",
        error="a disk that is full of bodies is a fault of ours",
        module=BODY_LIMIT,
        edits=(("Refusal(of_disk(error))", "Refusal(Code.SERVER_ERROR)"),),
        killer=BODY_TESTS + "test_a_full_disk_is_said_and_not_raised",
    ),
    Mutant(
        id="S30-forwarded",
        error="anybody says where he comes from",
        module="consumers.server.trusted_headers",
        edits=(("without_forwarding(headers)", "headers"),),
        killer="consumers.server.test_trusted_headers::test_a_trusted_proxy_is_believed_and_its_neighbour_is_not",
    ),
    Mutant(
        id="S30-underscore",
        error="an underscore in a name is a hyphen",
        module="consumers.server.trusted_headers",
        edits=(('headers = without_underscores(scope["headers"])', 'headers = list(scope["headers"])'),),
        killer="consumers.server.test_trusted_headers::test_a_trusted_proxy_is_believed_and_its_neighbour_is_not",
    ),
    Mutant(
        id="S30-odd",
        error="a header that parsers split differently is passed on",
        module="consumers.server.trusted_headers",
        edits=(('elif not is_sound(scope["headers"]):', "elif False:"),),
        killer="consumers.server.test_trusted_headers::test_a_header_with_odd_bytes_is_refused",
    ),
    Mutant(
        id="S30-client",
        error="a proxy is believed what its client wrote",
        module=FORWARDING,
        edits=(("in reversed([hop.strip()", "in list([hop.strip()"),),
        killer="consumers.server.test_trusted_headers::test_a_trusted_proxy_is_believed_and_its_neighbour_is_not",
    ),
    Mutant(
        id="S30-root-path",
        error="anybody moves the root of the site",
        module=REQUEST,
        edits=(('self.requestHeaders.removeHeader(b"Daphne-Root-Path")', "pass"),),
        killer=REQUEST_TESTS + "test_nobody_sets_the_root_path_of_the_site",
    ),
]
