"""The guards of rows and texts, each taken out: how much is kept, read, and made while others wait."""

from __future__ import annotations

from tests.verification.mutants import Mutant

KEPT = "uploads.drafts.kept_text"
KEPT_TESTS = "uploads.drafts.test_kept_text"
STATE = "uploads.drafts.form_state"
STATE_TESTS = "uploads.drafts.test_form_state"

MUTANTS = [
    Mutant(
        id="S1-diagnosis",
        error="a stranger's handshake makes everybody's diagnosis wrong",
        module="consumers.security.origin",
        edits=(
            ('digest_of(session_key(scope["headers"]))', 'b""'),
            ("((origin, digest_of(key)) in _refused", '((origin, b"") in _refused'),
        ),
        killer="consumers.security.test_origin::test_a_refused_handshake_counts_for_its_own_session_only",
    ),
    Mutant(
        id="S12-page-while-held",
        error="a form that comes back is made while its draft is held",
        module="erp.marketing.draft_form",
        edits=(("            answer = self.save_held(draft_id)\n", "            return self.save_held(draft_id)()\n"),),
        killer="erp.marketing.test_draft_form::test_a_form_that_comes_back_is_made_when_its_draft_is_free_again",
    ),
    Mutant(
        id="S12-work-of-a-user",
        error="each session of a user has a share of the processor of its own",
        module="consumers.fair_share",
        edits=(("self._users[session] = str(user.pk)", "self._users[session] = session.hex()"),),
        killer="consumers.test_fair_share::test_all_sessions_of_a_user_wait_for_what_one_of_them_took",
    ),
    Mutant(
        id="S12-work-begun",
        error="many requests begin before it is known what the first took",
        module="consumers.work_shares",
        edits=(("self._put(user_key, left - EXPECTED_SECONDS)", "self._put(user_key, left)"),),
        killer="consumers.test_work_shares::test_what_has_begun_counts_before_it_is_known_what_it_took",
    ),
    Mutant(
        id="S16-title-of-a-form",
        error="what a repeated form says is repeated, however long",
        module="erp.marketing.views",
        edits=(("url, product.title))", 'url, self.request.POST["title"]))'),),
        killer="erp.marketing.test_after_save::test_a_repeated_save_is_named_as_the_product_was_saved",
    ),
    Mutant(
        id="S16-variants-of-a-form",
        error="a form may have more variants than a draft",
        module="erp.marketing.forms",
        edits=(("        if len(self.rows) > most:\n", "        if False:\n"),),
        killer="erp.marketing.test_forms::test_a_form_has_no_more_variants_than_a_draft",
    ),
    Mutant(
        id="S16-saved-by-others",
        error="all that colleagues save of a long text is kept",
        module=STATE,
        edits=(("    state.known = bounded_known(state.known, limit)\n", ""),),
        killer=f"{STATE_TESTS}::test_what_colleagues_save_again_and_again_is_bounded",
    ),
    Mutant(
        id="S16-variants-of-others",
        error="every variant that a colleague ever saved stays known",
        module=STATE,
        edits=(("    _forget_variants(draft, state, saved)\n", ""),),
        killer=f"{STATE_TESTS}::test_variants_that_came_and_went_are_forgotten",
    ),
    Mutant(
        id="S16-kept-text",
        error="texts of ended drafts are kept without end",
        module=KEPT,
        edits=((".filter(total__gt=limit)", ".filter(total__lt=0)"),),
        killer=f"{KEPT_TESTS}::test_who_keeps_too_much_loses_the_oldest",
    ),
    Mutant(
        id="S16-long-text",
        error="one text that is too long costs all older ones",
        module=KEPT,
        edits=(("            beyond.append(pk)\n", "            left = -1\n            beyond.append(pk)\n"),),
        killer=f"{KEPT_TESTS}::test_a_text_that_is_too_long_costs_none_of_the_older_ones",
    ),
    Mutant(
        id="S16-listed-texts",
        error="a list reads as many texts as there are",
        module=KEPT,
        edits=(('"size")[:MOST_LISTED])', '"size"))'),),
        killer=f"{KEPT_TESTS}::test_the_list_is_bounded_in_number_and_in_length",
    ),
    Mutant(
        id="S16-listed-length",
        error="a list reads texts however long",
        module=KEPT,
        edits=((".difference(_beyond(sizes, LISTED_CHARACTERS))", ""),),
        killer=f"{KEPT_TESTS}::test_the_list_is_bounded_in_number_and_in_length",
    ),
    Mutant(
        id="S16-deleted-files",
        error="the list of unsaved products reads the row of every file that was deleted",
        module="uploads.drafts.unsaved",
        edits=((", state__in=states.VISIBLE).exclude(", ").exclude("),),
        killer="uploads.drafts.test_unsaved::test_of_what_was_added_and_deleted_nothing_is_read",
    ),
    Mutant(
        id="S16-long-name",
        error="the name of who ended a draft is longer than its column",
        module="uploads.drafts.lifecycle",
        edits=(('by[: Draft._meta.get_field("ended_by").max_length]', "by"),),
        killer="uploads.drafts.test_colleagues::test_the_name_of_who_deleted_it_is_kept_as_far_as_it_fits",
    ),
    Mutant(
        id="S16-files-of-a-draft",
        error="add and remove write rows without end",
        module="uploads.files.operations",
        edits=((".count() >= upload_settings().limits.max_added_files:", ".count() < 0:"),),
        killer="uploads.files.test_operations::"
        "test_a_draft_holds_a_bounded_number_of_rows_however_often_files_are_added_and_removed",
    ),
    Mutant(
        id="S16-files-of-a-user",
        error="a user adds files at the pace of commands, in one draft after the other",
        module="consumers.dispatch",
        edits=(("    if isinstance(message, messages.Add):\n", "    if False:\n"),),
        killer="consumers.test_dispatch::test_a_user_who_adds_and_removes_without_end_is_stopped",
    ),
    Mutant(
        id="S16-files-of-a-socket",
        error="each command has a pace of its own",
        module="uploads.files.admission",
        edits=(("not adds.take(", "not KeyedLimiter(ADDS).take("),),
        killer="consumers.websocket.test_bounded::test_all_tabs_of_a_user_share_the_pace_of_adds",
    ),
    Mutant(
        id="S16-files-over-http",
        error="a user adds whole files over HTTP as fast as they are taken",
        module="uploads.files.http_upload",
        edits=(("    admission.count_add(user.pk)\n", ""),),
        killer="uploads.files.test_http_upload::test_whole_files_and_files_over_a_socket_share_a_pace",
    ),
    Mutant(
        id="S16-drafts-of-a-user",
        error="new and discard write rows without end",
        module="uploads.drafts.lifecycle",
        edits=((".count() >= limits.max_new_drafts:", ".count() < 0:"),),
        killer="uploads.drafts.test_lifecycle::test_a_user_begins_so_many_drafts_an_hour_and_more_in_the_next",
    ),
    Mutant(
        id="S16-answer-forgotten",
        error="a command that is repeated is carried out again",
        module="uploads.drafts.idempotency",
        edits=(
            (
                "objects.filter(draft=draft, op=op)",
                "objects.none()",
            ),
            ("    IdempotencyRecord.objects.create(draft=draft, op=op, revision=draft.revision)\n", ""),
        ),
        killer="uploads.files.test_operations::test_a_repeated_move_is_answered_but_not_done_again",
    ),
    Mutant(
        id="S16-answer-of-another-draft",
        error="an op that another draft had is answered with that one's revision, and not carried out",
        module="uploads.drafts.idempotency",
        edits=(("objects.filter(draft=draft, op=op)", "objects.filter(op=op)"),),
        killer="uploads.drafts.test_form_state::test_an_op_is_known_in_its_own_draft_only",
    ),
    Mutant(
        id="S16-answers",
        error="a draft that is changed without end keeps every answer",
        module="uploads.drafts.idempotency",
        edits=(
            (
                "revision__lt=draft.revision - ANSWERS_KEPT).delete()",
                "revision__lt=0).delete()",
            ),
        ),
        killer="uploads.drafts.test_form_state::"
        "test_a_draft_that_is_changed_without_end_keeps_a_bounded_number_of_answers",
    ),
    Mutant(
        id="S16-answers-of-ended-drafts",
        error="the answers of drafts that have ended stay for ever",
        module="uploads.expiry.sweeper",
        edits=(("    IdempotencyRecord.objects.exclude(draft__state__in=states.LIVE).delete()\n", ""),),
        killer="uploads.expiry.test_sweeper::test_answers_to_commands_are_forgotten_with_their_draft",
    ),
]
