"""`uploads.transitions` is the only way to change a state."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.wire.draft_driver import Driver
from uploads.core.states import INITIAL_DRAFT_STATES, INITIAL_FILE_STATES, DraftEvent, DraftState, FileEvent, FileState
from uploads.models import Draft, File
from uploads.transitions import IllegalMove, advance, advance_locked, move

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("uploads", "consumers", "erp")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
WRITERS = {"update", "aupdate", "update_or_create", "aupdate_or_create", "bulk_update", "abulk_update", "save", "asave"}
MAKERS = {"create", "acreate", "get_or_create", "Draft", "File"}


def state_writes(tree: ast.AST) -> Iterator[str]:
    """Return the places in `tree` that write a state directly, as source text."""
    return (ast.unparse(node) for node in ast.walk(tree) if writes_state(node))


def writes_state(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=args, keywords=keywords) if name in WRITERS:
            values = [*args, *(keyword.value for keyword in keywords)]
            return any(keyword.arg == "state" for keyword in keywords) or any(map(names_state, values))
        case ast.Assign(targets=targets):
            return any(map(is_state_attribute, targets))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return is_state_attribute(target)
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), _]):
            return True
        case ast.Dict(keys=keys, values=values):
            written = [ast.unparse(value) for key, value in zip(keys, values, strict=True) if is_state(key)]
            return any("DraftState." in value or "FileState." in value for value in written)
    return False


def is_state(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == "state"


def names_state(node: ast.AST) -> bool:
    return any(is_state(part) for part in ast.walk(node))


def is_state_attribute(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "state" for part in ast.walk(node))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_state_is_written_past_the_gate(path: Path):
    written = list(state_writes(ast.parse(path.read_text())))

    assert written == [] or path == ROOT / "uploads" / "transitions.py", written


@pytest.mark.parametrize(
    "source",
    [
        "drafts.filter(pk=1).update(state=DraftState.OPEN)",
        "draft.state = 'open'",
        "facts = {'state': DraftState.GRACE}",
        "draft.save(update_fields=['state'])",
        "Draft.objects.update_or_create(pk=1, defaults={'state': 'open'})",
        "setattr(draft, 'state', 'open')",
        "drafts.bulk_update(rows, ['state'])",
        "drafts.bulk_update(rows, fields=['state'])",
        "drafts.update(**{'state': 'open'})",
        "one.state = other.state = 'open'",
        "draft.state, other = 'open', 1",
        "draft.state: str = 'open'",
        "drafts.aupdate(state='open')",
    ],
)
def test_a_write_past_the_gate_is_noticed(source: str):
    assert list(state_writes(ast.parse(source)))


def test_a_row_begins_in_an_initial_state():
    made = {
        ast.unparse(keyword.value)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in MAKERS
        for keyword in node.keywords
        if keyword.arg == "state"
    }
    # `operations.create` passes on the state it is given, RECEIVING or STORING.
    literal = made - {"state"}

    assert literal <= {f"DraftState.{state.name}" for state in INITIAL_DRAFT_STATES} | {
        f"FileState.{state.name}" for state in INITIAL_FILE_STATES
    }


@pytest.mark.parametrize("event", [*DraftEvent, *FileEvent])
def test_every_event_is_used(event: DraftEvent | FileEvent):
    name = f"{type(event).__name__}.{event.name}"
    users = [path for path in SOURCES if path.name != "states.py" and name in path.read_text()]

    assert users != []


def test_a_set_of_rows_moves_by_one_update_and_only_from_source_states(driver: Driver):
    stored, receiving = driver.store(), driver.add().file

    moved = move(File.objects.filter(pk__in=[stored, receiving]), FileEvent.REMOVE)

    assert moved == 1
    assert (driver.file_state(stored), driver.file_state(receiving)) == (FileState.REMOVED, FileState.RECEIVING)


def test_a_row_that_somebody_else_moved_stays_as_it_is(driver: Driver):
    draft = Draft.objects.get(pk=driver.id)
    move(Draft.objects.filter(pk=driver.id), DraftEvent.COMMIT)

    assert not advance(draft, DraftEvent.DISCARD)
    with pytest.raises(IllegalMove):
        advance_locked(draft, DraftEvent.DISCARD)

    assert Draft.objects.get(pk=driver.id).state == DraftState.COMMITTED


def test_a_move_that_is_not_in_the_table_writes_nothing(driver: Driver):
    file = driver.file(driver.add().file)

    assert not advance(file, FileEvent.LINK)
    assert file.state == driver.file_state(file.pk) == FileState.RECEIVING
