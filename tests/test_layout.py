"""The shape of the repository: every source has its tests, and nothing stands where it should not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TESTED_TOGETHER = {
    # Entry points and shells: driven for real by the tests named.
    "asgi.py": "tests/consumers/test_server.py",
    "consumers/__main__.py": "tests/consumers/test_server.py",
    "consumers/apps.py": "tests/consumers/test_draft_consumer.py",
    "consumers/auth.py": "tests/consumers/test_refusals.py",
    "consumers/broadcast.py": "tests/consumers/test_draft_consumer.py",
    "consumers/commands.py": "tests/consumers/test_draft_consumer.py",
    "consumers/generated.py": "tests/consumers/test_messages.py",
    "consumers/hub.py": "tests/consumers/test_server.py",
    "consumers/redis_layer.py": "tests/consumers/test_many_processes.py",
    "consumers/routing.py": "tests/consumers/test_draft_consumer.py",
    "consumers/urls.py": "tests/consumers/test_views.py",
    "consumers/transfers.py": "tests/consumers/test_draft_consumer.py",
    "consumers/management/commands/uploads_protocol.py": "tests/consumers/test_messages.py",
    "erp/__main__.py": "tests/erp/test_bootstrap.py",
    "erp/marketing/apps.py": "tests/erp/marketing/test_views.py",
    "erp/marketing/urls.py": "tests/erp/test_urls.py",
    "erp/marketing/management/commands/seed_demo.py": "tests/erp/test_serve.py",
    "uploads/apps.py": "tests/uploads/test_checks.py",
    "uploads/grace_settings.py": "tests/uploads/test_tuning.py",
    "uploads/signals.py": "tests/uploads/test_events.py",
    "uploads/stores/base.py": "tests/uploads/stores/test_django_storage.py",
    "uploads/stores/registry.py": "tests/uploads/test_conf.py",
    "uploads/urls.py": "tests/uploads/test_views.py",
}


def sources() -> list[Path]:
    folders = ("uploads", "consumers", "erp")
    found = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if path.name != "__init__.py" and "migrations" not in path.parts]


@pytest.mark.parametrize("source", sources(), ids=str)
def test_every_source_has_its_tests(source: Path):
    mirror = ROOT / "tests" / source.parent / f"test_{source.name}"
    together = TESTED_TOGETHER.get(source.as_posix())

    assert mirror.exists() or (together and (ROOT / together).exists()), f"no tests for {source}"


# fmt: off
SEEN_IN_THE_BROWSER = {
    "add_buttons", "adding", "adding_words", "arranging", "banner", "build", "card", "card_menu",
    "csrf", "drop_zone", "file_claim", "file_grid", "file_lists", "file_locks", "file_picker", "files_window",
    "form_bridge", "form_leave", "form_note", "form_submit", "fresh_draft", "icons", "ids", "index",
    "inline_view", "intention", "kept_edits", "kept_files", "kept_notices", "keyboard_order", "leftovers",
    "lightbox", "lightbox_words", "live_draft", "looking", "manage_files_element", "name_offers", "no_draft",
    "notice", "open_elsewhere", "outbox", "presenter", "preview", "problem_list", "protocol",
    "question", "rarer_ways", "refusal_words", "repeated", "replacements", "selection_bar", "selection_mode",
    "selection_words", "sentences", "shrinking", "sorting", "spoken_words", "total_line", "twin_notice", "upgrade",
    "variant_rows", "view",
}
# fmt: on
"""Modules of the window that need a page, a network or a store, or only list values: `tests/browser` drives them for
real. What decides something has no place here."""


def test_every_module_of_the_window_has_its_tests():
    modules = {path.stem for path in (ROOT / "static" / "manage_files").glob("*.js")}
    tested = {path.name.removesuffix(".test.js") for path in (ROOT / "tests/static/manage_files").glob("*.test.js")}

    assert modules - tested - SEEN_IN_THE_BROWSER == set()
    assert SEEN_IN_THE_BROWSER - modules == set()
    assert SEEN_IN_THE_BROWSER & tested == set()


@pytest.mark.parametrize("name", ["utils", "helpers", "manager", "services", "common", "misc"])
def test_no_module_is_named_after_nothing(name: str):
    folders = ("uploads", "consumers", "erp", "static")

    assert [path for folder in folders for path in (ROOT / folder).rglob(f"{name}.*")] == []


@pytest.mark.parametrize("suffix", [".py", ".js", ".css"])
def test_no_source_is_longer_than_four_hundred_lines(suffix: str):
    folders = ("uploads", "consumers", "erp", "static", "tests", "benchmarks")
    found = [path for folder in folders for path in (ROOT / folder).rglob(f"*{suffix}")]
    # Migrations are generated, and grow with the tables.
    written = [path for path in found if "migrations" not in path.parts]
    long = [path.relative_to(ROOT).as_posix() for path in written if path.read_text().count("\n") > 400]

    assert long == []


def cited(pattern: str) -> list[tuple[str, str]]:
    return re.findall(pattern, (ROOT / "docs" / "requirements.md").read_text())


def test_every_test_that_the_requirements_name_exists():
    python = cited(r"`([\w/]+\.py)::(\w+)")
    javascript = cited(r'`([\w/]+\.test\.js)`: "([^"]+)"')
    missing = [(file, name) for file, name in python if f"def {name}(" not in (ROOT / "tests" / file).read_text()]
    missing += [(file, name) for file, name in javascript if name not in (ROOT / "tests" / file).read_text()]

    assert len(python) > 50
    assert missing == []


def test_every_promise_of_the_window_has_its_test_in_a_browser():
    promised = set(re.findall(r"^\| (U\d\d) \|", (ROOT / "docs" / "window.md").read_text(), re.MULTILINE))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    tested = {name.upper() for name in re.findall(r"def test_(u\d\d)_", tests)}

    assert promised == {f"U{number:02}" for number in range(1, 58)} - {"U48"}
    assert promised - tested == set()
    assert tested - promised <= {"U48"}
