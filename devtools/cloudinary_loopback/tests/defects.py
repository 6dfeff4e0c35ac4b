"""The errors that are planted in the loopback server: each turns a contract test red."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from tests.verification.mutants import Mutant


class Defect(Mutant, frozen=True, kw_only=True):
    """A planted error of the server; its `killer` is among the tests beside this module."""

    def test(self) -> Callable[..., object]:
        """Return the test that must turn red. Raises `AttributeError` if none has that name."""
        module, name = self.killer.split("::")
        found: Callable[..., object] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
        return found


def defect(error: str, module: str, old: str, new: str, killer: str) -> Defect:
    """One change of the server's text, and the contract test that it turns red."""
    return Defect(
        id=error.replace(" ", "-"),
        error=error,
        module=f"devtools.cloudinary_loopback.{module}",
        edits=((old, new),),
        killer=killer,
    )


DEFECTS = [
    defect(
        "signature never checked",
        "access",
        "if not signature.matches(request.parameters, known, given, secret):",
        "if False:",
        "test_access::test_a_wrong_secret_is_401_and_says_what_was_to_be_signed",
    ),
    defect(
        "SHA-256 signatures refused",
        "signature",
        "for version in VERSIONS for how in ALGORITHMS]",
        "for version in VERSIONS for how in ALGORITHMS[:1]]",
        "test_access::test_sha_256_is_taken",
    ),
    defect(
        "version-2 escaping refused",
        "signature",
        "for version in VERSIONS for how in ALGORITHMS]",
        "for version in VERSIONS[1:] for how in ALGORITHMS]",
        "test_access::test_the_escaping_of_version_two_is_taken",
    ),
    defect(
        "stale timestamp accepted",
        "access",
        "if age > VALID_SECONDS:",
        "if False:",
        "test_access::test_a_stale_time_is_refused",
    ),
    defect(
        "basic auth not checked",
        "access",
        '_check_basic(cloud, request.headers["Authorization"])',
        "pass",
        "test_access::test_basic_auth_stands_in_for_a_signature",
    ),
    defect(
        "5 MB chunk floor absent",
        "chunks",
        "if blob.size > cloud.plan.part_floor_bytes:",
        "if True:",
        "test_chunks::test_a_small_part_is_refused_or_never_ends",
    ),
    defect(
        "chunk total not compared",
        "chunks",
        "if partial.total is not None and part.total not in (None, partial.total):",
        "if False:",
        "test_chunks::test_parts_must_agree_on_the_total",
    ),
    defect(
        "intermediate reply lacks public_id",
        "chunks",
        'return told | {"public_id": public_id}',
        "return told",
        "test_chunks::test_an_intermediate_reply_tells_the_id_that_was_given",
    ),
    defect(
        "done missing on last",
        "chunks",
        '_joined(cloud, partial.blobs), filename) | {"done": True}',
        "_joined(cloud, partial.blobs), filename)",
        "test_chunks::test_the_last_reply_says_done",
    ),
    defect(
        "only last chunk stored",
        "chunks",
        "for place in sorted(blobs))",
        "for place in sorted(blobs)[-1:])",
        "test_chunks::test_parts_make_one_asset",
    ),
    defect(
        "X-Cld-Error absent",
        "dispatch",
        '    reply.headers["X-Cld-Error"] = header(refused.message)\n',
        "",
        "test_upload::test_an_error_stands_in_body_and_header",
    ),
    defect(
        "allowed_formats ignored",
        "incoming",
        "if allowed and stored not in allowed:",
        "if False:",
        "test_upload::test_only_allowed_formats_are_taken",
    ),
    defect(
        "destroy deletes nothing and says ok",
        "changing",
        "cloud.assets.pop(address, None)",
        "cloud.assets.get(address)",
        "test_changes::test_destroy_deletes",
    ),
    defect(
        "destroy never says not found",
        "changing",
        'return {"result": "ok" if found else "not found"}',
        'return {"result": "ok"}',
        "test_changes::test_destroy_says_when_there_was_nothing",
    ),
    defect(
        "rename onto existing id accepted",
        "changing",
        'if target is not None and not flag(parameters, "overwrite"):',
        "if False:",
        "test_changes::test_rename_onto_another_is_400_and_changes_neither",
    ),
    defect(
        "rename changes version",
        "changing",
        "if cloud.plan.rename_changes_version:",
        "if True:",
        "test_changes::test_rename_keeps_the_version_or_not",
    ),
    defect(
        "rename leaves the old id",
        "changing",
        "    del cloud.assets[asset.address]\n",
        "    cloud.assets[asset.address] = __import__('copy').copy(asset)\n",
        "test_changes::test_rename_leaves_nothing_behind",
    ),
    defect(
        "prefix ignored in list",
        "listing",
        "asset.public_id.startswith(prefix)",
        "True",
        "test_lists::test_a_prefix_is_a_prefix_of_letters",
    ),
    defect(
        "response signature wrong",
        "signature",
        'hexdigest(f"public_id={public_id}&version={version}", secret)',
        'hexdigest(f"version={version}&public_id={public_id}", secret)',
        "test_upload::test_the_reply_is_signed",
    ),
    defect(
        "unsigned call accepted",
        "access",
        "            raise missing(parameter)\n",
        "            return\n",
        "test_access::test_nothing_goes_unsigned",
    ),
    defect(
        "X-Request-Id absent",
        "sending",
        '            "X-Request-Id": self.request_id,\n',
        "",
        "test_upload::test_every_answer_has_an_id_for_support",
    ),
]
