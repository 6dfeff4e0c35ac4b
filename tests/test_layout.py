"""The layout of the repository: every source has its tests, and everything is where it belongs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("uploads", "consumers", "erp", "static")
WITH_DEVTOOLS = (*PRODUCT, "devtools")

TESTED_TOGETHER = {
    "uploads/images/colour_profiles.py": "tests/uploads/images/test_small_pictures.py",
    # Entry points and shells, which are tested for real by the named tests.
    "asgi.py": "tests/consumers/server/test_daphne.py",
    "consumers/__main__.py": "tests/consumers/server/test_daphne.py",
    "consumers/apps.py": "tests/consumers/websocket/test_consumer.py",
    "consumers/protocol/codegen.py": "tests/consumers/protocol/test_messages.py",
    "consumers/broadcast/connection_registry.py": "tests/consumers/broadcast/test_broadcaster.py",
    "consumers/broadcast/events.py": "tests/consumers/broadcast/test_broadcaster.py",
    "consumers/websocket/commands.py": "tests/consumers/websocket/test_consumer.py",
    "consumers/broadcast/redis_layer.py": "tests/consumers/broadcast/test_many_processes.py",
    "consumers/routing.py": "tests/consumers/websocket/test_consumer.py",
    "consumers/server/json_answers.py": "tests/consumers/server/test_body_limit.py",
    "consumers/urls.py": "tests/consumers/polling/test_views.py",
    "consumers/transfers.py": "tests/consumers/websocket/test_consumer.py",
    "consumers/management/commands/uploads_protocol.py": "tests/consumers/protocol/test_messages.py",
    "erp/__main__.py": "tests/erp/launch/test_bootstrap.py",
    "erp/marketing/apps.py": "tests/erp/marketing/test_views.py",
    "erp/marketing/urls.py": "tests/erp/test_urls.py",
    "erp/demo/management/commands/seed_demo.py": "tests/erp/launch/test_serve.py",
    "uploads/apps.py": "tests/uploads/test_checks.py",
    "uploads/core/snapshot.py": "tests/uploads/test_snapshot.py",
    "uploads/drafts/two_people.py": "tests/erp/marketing/test_two_people.py",
    "uploads/drafts/presence_notes.py": "tests/uploads/drafts/test_colleagues.py",
    "uploads/grace/policy.py": "tests/uploads/expiry/test_set_grace.py",
    "uploads/stores/cloudinary/sdk.py": "tests/uploads/test_checks.py",
    "uploads/drafts/idempotency.py": "tests/uploads/drafts/test_form_state.py",
    "uploads/jobs/file_rows.py": "tests/uploads/jobs/test_runner.py",
    "uploads/jobs/checking.py": "tests/uploads/jobs/test_file_types.py",
    "uploads/jobs/effects.py": "tests/uploads/jobs/test_runner.py",
    "uploads/jobs/queue.py": "tests/uploads/jobs/test_runner.py",
    "uploads/stores/enqueue.py": "tests/uploads/jobs/test_only_caller_of_destroy.py",
    "uploads/signals.py": "tests/uploads/test_event_log.py",
    "uploads/stores/base.py": "tests/uploads/stores/test_django_storage.py",
    "uploads/stores/registry.py": "tests/uploads/test_conf.py",
    "uploads/urls.py": "tests/uploads/files/test_views.py",
}


def product(*suffixes: str, folders: Iterable[str] = PRODUCT) -> list[Path]:
    """Return the modules of the product, relative to the root, without migrations, which only follow the tables."""
    found = [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    return [path for path in found if path.suffix in suffixes and "migrations" not in path.parts]


def sources() -> list[Path]:
    return [path for path in product(".py") if path.name != "__init__.py"]


@pytest.mark.parametrize("source", sources(), ids=str)
def test_every_source_has_its_tests(source: Path):
    mirror = ROOT / "tests" / source.parent / f"test_{source.name}"
    together = TESTED_TOGETHER.get(source.as_posix())

    assert mirror.exists() or (together and (ROOT / together).exists()), f"no tests for {source}"


SEEN_IN_THE_BROWSER = {
    "add/add_files",
    "add/drop_zone",
    "add/duplicate_prompt",
    "add/duplicates",
    "add/replace",
    "add/shrink",
    "app/actions",
    "app/compose",
    "app/controller",
    "arrange/arrangement",
    "arrange/keyboard_reorder",
    "arrange/selection_bar",
    "arrange/selection_mode",
    "arrange/undo_history",
    "arrange/variant_suggestions",
    "client/live_draft",
    "element",
    "form/autosave",
    "form/cancel",
    "form/colleagues",
    "form/field_notes",
    "form/fields",
    "form/form_binding",
    "form/form_lock",
    "form/keep_draft",
    "form/other_tabs",
    "form/submit",
    "form/text_guard",
    "form/typed_text",
    "form/variant_rows",
    "index",
    "recovery/file_cache",
    "recovery/new_draft",
    "recovery/recovery_notices",
    "recovery/unload_guard",
    "storage_cleanup",
    "text/messages",
    "text/saving_messages",
    "transport/protocol",
    "view/add_buttons",
    "view/card/card",
    "view/card/card_actions",
    "view/card/card_menu",
    "view/card/image_previews",
    "view/file_grid",
    "view/file_lists",
    "view/file_picker",
    "view/files_dialog",
    "view/inline_panel",
    "view/lightbox/lightbox",
    "view/lightbox/lightbox_opener",
    "view/problem_list",
    "view/progress_summary",
    "view/status_banner",
    "view/ui/confirm_dialog",
    "view/ui/dom",
    "view/ui/icons",
    "view/ui/notice",
    "view/ui/toast",
}
"""Front-end modules that need a page, a network or a store, or only list values; `tests/browser` tests them for real. A
module with decisions does not belong here."""


def _name(path: Path, folder: str) -> str:
    relative = path.relative_to(ROOT / folder / "manage_files").as_posix()
    return relative.removesuffix(".js").removesuffix(".test")


def test_every_module_of_the_window_has_its_tests():
    modules = {_name(path, "static") for path in (ROOT / "static" / "manage_files").rglob("*.js")}
    tested = {_name(path, "tests/static") for path in (ROOT / "tests" / "static" / "manage_files").rglob("*.test.js")}

    assert modules - tested - SEEN_IN_THE_BROWSER == set()
    assert SEEN_IN_THE_BROWSER - modules == set()
    assert SEEN_IN_THE_BROWSER & tested == set()


@pytest.mark.parametrize("name", ["utils", "helpers", "manager", "services", "common", "misc"])
def test_no_module_is_named_after_nothing(name: str):
    assert [path for folder in WITH_DEVTOOLS for path in (ROOT / folder).rglob(f"{name}.*")] == []


@pytest.mark.parametrize("suffix", [".py", ".js", ".css"])
def test_no_source_is_longer_than_four_hundred_lines(suffix: str):
    folders = (*WITH_DEVTOOLS, "tests", "benchmarks")
    found = [path for folder in folders for path in (ROOT / folder).rglob(f"*{suffix}")]
    # Migrations and protocol.js are generated, and grow with the tables and messages.
    written = [path for path in found if "migrations" not in path.parts and path.name != "protocol.js"]
    long = [path.relative_to(ROOT).as_posix() for path in written if path.read_text().count("\n") > 400]

    assert long == []


MOST = 15
"""Modules per folder, and imports per module: as many as a reader can keep in mind."""

COMPOSITION_ROOTS = {
    # Their purpose is to assemble the others.
    "static/manage_files/app/compose.js": "builds the window from its parts",
    "uploads/api.py": "the face of `uploads`: hosts import this module only",
}


def test_no_folder_holds_more_modules_than_a_reader_can_keep_in_mind():
    modules = [
        path.parent.as_posix()
        for path in product(".py", ".js", ".mjs", folders=WITH_DEVTOOLS)
        if path.name != "__init__.py"
    ]

    assert {folder: modules.count(folder) for folder in modules if modules.count(folder) > MOST} == {}


def imported_by(module: Path) -> set[str]:
    """Return the modules of the project that `module` imports; in JavaScript, types in comments do not count."""
    text = (ROOT / module).read_text()
    if module.suffix == ".py":
        return set(_python_imports(text))
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return set(re.findall(r'^import\b[^;"]*"(\.[^"]+)";', code, re.MULTILINE))


def _python_imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names):
                candidates = [(name.name, "") for name in names]
            case ast.ImportFrom(str(module), names, 0):
                candidates = [(f"{module}.{name.name}", module) for name in names]
            case _:
                continue
        for name, package in candidates:
            found = next((path for path in (name, package) if path and _is_ours(path)), None)
            if found:
                yield found


def _is_ours(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return name.split(".")[0] in WITH_DEVTOOLS and (
        place.with_suffix(".py").exists() or (place / "__init__.py").exists()
    )


def test_no_module_imports_more_than_a_reader_can_keep_in_mind():
    counts = {path.as_posix(): len(imported_by(path)) for path in product(".py", ".js", folders=WITH_DEVTOOLS)}
    many = {path for path, count in counts.items() if count > MOST}

    assert many - COMPOSITION_ROOTS.keys() == set()
    assert COMPOSITION_ROOTS.keys() - many == set(), "needs no exception any more"


def test_imports_are_counted(tmp_path: Path):
    python = "import json, uploads.spool\nfrom uploads import spool, conf\nfrom uploads.conf import a, b\n"
    script = '/** @import { A } from "./a.js" */\nimport { b } from "./b.js";\nimport {\n  c,\n} from "../c.js";\n'
    (tmp_path / "x.js").write_text(script)

    assert set(_python_imports(python)) == {"uploads.spool", "uploads.conf"}
    assert imported_by(tmp_path / "x.js") == {"./b.js", "../c.js"}


def test_every_package_says_what_is_in_it():
    packages = [path for path in product(".py", folders=WITH_DEVTOOLS) if path.name == "__init__.py"]

    assert len(packages) > 20
    assert [path.as_posix() for path in packages if not ast.get_docstring(ast.parse((ROOT / path).read_text()))] == []


def cited(pattern: str) -> list[tuple[str, str]]:
    return re.findall(pattern, (ROOT / "docs" / "requirements.md").read_text())


def test_every_test_that_the_requirements_name_exists():
    python = cited(r"`([\w/]+\.py)::(\w+)")
    javascript = cited(r'`([\w/]+\.test\.js)`: "([^"]+)"')
    missing = [(file, name) for file, name in python if f"def {name}(" not in (ROOT / "tests" / file).read_text()]
    missing += [(file, name) for file, name in javascript if name not in (ROOT / "tests" / file).read_text()]

    assert len(python) > 50
    assert missing == []


PATH = re.compile(r"`((?:uploads|consumers|erp|static|tests|benchmarks|devtools|browser|verification|docs)/[\w./-]+)")


@pytest.mark.parametrize("page", ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))])
def test_every_path_that_the_docs_name_exists(page: str):
    named = PATH.findall((ROOT / page).read_text())

    assert [path for path in named if not ((ROOT / path).exists() or (ROOT / "tests" / path).exists())] == []


def test_every_promise_of_the_window_has_its_test_in_a_browser():
    promised = set(re.findall(r"^\| (U\d\d) \|", (ROOT / "docs" / "window.md").read_text(), re.MULTILINE))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    tested = {name.upper() for name in re.findall(r"def test_(u\d\d)_", tests)}

    assert promised >= {f"U{number:02}" for number in range(1, 58)} - {"U48"}
    assert promised - tested == set()
    assert tested - promised <= {"U48"}
