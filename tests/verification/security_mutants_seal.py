"""Planted errors of stored bytes, room on the disk, names and keys; the ids begin with their row of S1-S34."""

from __future__ import annotations

from tests.verification.mutants import Mutant

SEALED = "verification.test_sealed_files::"

MUTANTS = [
    Mutant(
        id="S21-second-read",
        error="the copy is made of what lies in the spool after the image was decoded",
        module="uploads.images.checker",
        edits=(("stripper.strip(content, clean,", "stripper.strip(Path(path).read_bytes(), clean,"),),
        killer=SEALED + "test_bytes_that_change_between_decoding_and_copying_reach_nothing",
    ),
    Mutant(
        id="S21-source-hash",
        error="whatever lies in the spool is checked and stored, under the hash of what was finished",
        module="uploads.images.checker",
        edits=(("if hashlib.sha256(content).hexdigest() != sha256:", "if False:"),),
        killer=SEALED + "test_bytes_that_change_between_finish_and_check_are_not_stored",
    ),
    Mutant(
        id="S21-lost-bytes",
        error="bytes that are not those that were finished are kept, so that each retry fails like the first",
        module="uploads.jobs.effects",
        edits=(("        spool.drop(file.pk)\n        lost =", "        lost ="),),
        killer=SEALED + "test_bytes_that_change_between_finish_and_check_are_not_stored",
    ),
    Mutant(
        id="S21-copy-hash",
        error="whatever lies under the copy's name is sent to the store",
        module="uploads.jobs.effects",
        edits=(('if hashlib.file_digest(content, "sha256").hexdigest() != copy.sha256:', "if False:"),),
        killer=SEALED + "test_a_copy_that_is_not_the_checked_one_is_not_stored_and_made_again",
    ),
    Mutant(
        id="S21-wrong-copy",
        error="a copy that is not the checked one stays, so that each retry fails like the first",
        module="uploads.jobs.effects",
        edits=(("            path.unlink()\n", ""),),
        killer=SEALED + "test_a_copy_that_is_not_the_checked_one_is_not_stored_and_made_again",
    ),
    Mutant(
        id="S21-unhashed-copy",
        error="a copy of which nobody wrote down the hash is believed",
        module="uploads.jobs.effects",
        edits=(
            ("file.state == FileState.STORING and file.stored_sha256 and", "file.state == FileState.STORING and"),
            (
                '    with path.open("rb") as content:\n',
                '    with path.open("rb") as content:\n'
                '        copy = Copy(path.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())\n'
                "        content.seek(0)\n",
            ),
        ),
        killer=SEALED + "test_a_copy_that_the_version_before_made_is_not_believed",
    ),
]
