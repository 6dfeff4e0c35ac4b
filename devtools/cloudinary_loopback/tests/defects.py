"""Defects to plant in the server, each with the contract test that must fail."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from tests.verification.mutants import Mutant

HERE = "devtools.cloudinary_loopback"


class Defect(Mutant, frozen=True, kw_only=True):
    """A defect of the server. Its `killer` is a test beside this module."""

    def test(self) -> Callable[..., object]:
        """Return the test that must fail. Raises `AttributeError` if none has that name."""
        module, name = self.killer.split("::")
        found: Callable[..., object] = getattr(importlib.import_module(f"{HERE}.tests.{module}"), name)
        return found


def defect(error: str, module: str, old: str, new: str, killer: str) -> Defect:
    """Return a change of the server's source, and the test that must fail."""
    name = error.replace(" ", "-")
    return Defect(id=name, error=error, module=f"{HERE}.{module}", edits=((old, new),), killer=killer)


DEFECTS = [
    defect(
        "signature never checked",
        "access",
        'if not hmac.compare_digest(_sha1(text + cloud.secret).hex().encode(), sent["signature"].encode()):',
        "if False:",
        "test_access::test_a_wrong_secret_is_401_and_says_what_was_to_be_signed",
    ),
    defect(
        "ampersand not escaped",
        "access",
        '.replace("&", "%26")',
        "",
        "test_access::test_an_ampersand_is_escaped_before_it_is_signed",
    ),
    defect(
        "unknown parameters signed",
        "access",
        'if name in takes or name == "timestamp"',
        'if name not in ("api_key", "signature")',
        "test_access::test_what_an_endpoint_does_not_know_must_not_be_signed",
    ),
    defect(
        "unsigned call accepted",
        "access",
        "            raise missing(name)\n",
        "            return\n",
        "test_access::test_nothing_goes_unsigned",
    ),
    defect(
        "stale timestamp accepted",
        "access",
        'if abs(cloud.now() - int(sent["timestamp"])) > VALID_SECONDS:',
        "if False:",
        "test_access::test_a_stale_or_future_timestamp_is_refused",
    ),
    defect(
        "basic auth not checked",
        "access",
        'if not hmac.compare_digest(wanted.encode(), request.headers.get("Authorization", "").encode()):',
        "if False:",
        "test_access::test_the_admin_api_wants_basic_auth",
    ),
    defect(
        "allowance never spent",
        "admin_api",
        "    cloud.admin_calls[hour] = used + 1\n",
        "",
        "test_limits::test_admin_calls_are_limited_by_the_hour",
    ),
    defect(
        "prefix ignored in list",
        "admin_api",
        "asset.public_id.startswith(prefix)",
        "True",
        "test_lists::test_a_prefix_is_a_prefix_of_letters",
    ),
    defect(
        "list never ends",
        "admin_api",
        "if end < len(found)",
        "if True",
        "test_lists::test_pages_and_their_end",
    ),
    defect(
        "5 MB chunk floor absent",
        "parts",
        "if last + 1 < total and len(file) <= cloud.plan.part_floor_bytes:",
        "if False:",
        "test_parts::test_a_small_part_is_refused",
    ),
    defect(
        "chunk total not compared",
        "parts",
        "if total != partial.total:",
        "if False:",
        "test_parts::test_parts_must_agree_on_the_total",
    ),
    defect(
        "only last chunk stored",
        "parts",
        "for start in sorted(partial.parts))",
        "for start in sorted(partial.parts)[-1:])",
        "test_parts::test_parts_make_one_asset",
    ),
    defect(
        "intermediate reply lacks public_id",
        "upload_api",
        '"bytes": collected, "public_id": public_id}',
        '"bytes": collected}',
        "test_parts::test_an_intermediate_reply_contains_the_id",
    ),
    defect(
        "done missing on last",
        "upload_api",
        ' | {"done": True}',
        "",
        "test_parts::test_the_last_reply_says_done",
    ),
    defect(
        "allowed_formats ignored",
        "upload_api",
        'if allowed and picture.format not in allowed.split(","):',
        "if False:",
        "test_upload::test_only_allowed_formats_are_taken",
    ),
    defect(
        "overwrite ignored",
        "upload_api",
        'if known is not None and not request.flag("overwrite", default=True):',
        "if False:",
        "test_upload::test_without_overwriting_the_second_upload_finds_the_first",
    ),
    defect(
        "destroy deletes nothing and says ok",
        "upload_api",
        'cloud.assets.pop(_address(request, "public_id"), None)',
        'cloud.assets.get(_address(request, "public_id"))',
        "test_changes::test_destroy_deletes",
    ),
    defect(
        "destroy never says not found",
        "upload_api",
        'return {"result": "ok" if found else "not found"}',
        'return {"result": "ok"}',
        "test_changes::test_destroy_says_when_there_was_nothing",
    ),
    defect(
        "rename onto existing id accepted",
        "upload_api",
        'if (type_, public_id) in cloud.assets and not request.flag("overwrite"):',
        "if False:",
        "test_changes::test_rename_onto_another_is_400_and_changes_neither",
    ),
    defect(
        "rename changes version",
        "upload_api",
        "if cloud.plan.rename_changes_version:",
        "if True:",
        "test_changes::test_rename_keeps_the_version_or_not",
    ),
    defect(
        "rename leaves the old id",
        "upload_api",
        "    del cloud.assets[asset.address]\n",
        "    cloud.assets[asset.address] = __import__('copy').copy(asset)\n",
        "test_changes::test_rename_leaves_nothing_behind",
    ),
    defect(
        "authenticated image shown unsigned",
        "delivery",
        'if address["signature"] or asset.type == "authenticated":',
        'if address["signature"]:',
        "test_delivery::test_what_is_not_public_needs_a_signature",
    ),
    defect(
        "X-Request-Id absent",
        "handler",
        '            "X-Request-Id": self.request_id,\n',
        "",
        "test_upload::test_every_answer_has_an_id_for_support",
    ),
]
