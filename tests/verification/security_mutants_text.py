"""The guards of what is typed and listed, each taken out: how much is kept, read, and made while others wait."""

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
]
