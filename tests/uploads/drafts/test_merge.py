from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from uploads.drafts.merge import FileType, Plan, PlannedFile, merge

BASE = [UUID(int=number) for number in range(1, 7)]
NEW = [UUID(int=number) for number in range(11, 15)]
THEIRS = [UUID(int=number) for number in range(21, 25)]


def planned(file: UUID, variant: str | None = None, **facts: object) -> PlannedFile:
    file_type: FileType = "variant_image" if variant else "main_image"
    told = {"url": f"/{file.int}", "name": f"{file.int}.jpg", "alt_text": "", "is_new": file in NEW, **facts}
    return PlannedFile(file=file, file_type=file_type, variant_temp_id=variant, **told)  # type: ignore[arg-type]


def subset(of: list[UUID]) -> st.SearchStrategy[list[UUID]]:
    return st.permutations(of).flatmap(lambda order: st.integers(0, len(of)).map(lambda count: order[:count]))


@st.composite
def edits(draw: st.DrawFn) -> dict[str, list]:
    """A draft opened on BASE: its user removed some and added NEW; others removed some and added THEIRS."""
    variants = st.sampled_from([None, "red", "blue"])
    removed = draw(subset(BASE))
    mine = draw(st.permutations([file for file in BASE if file not in removed] + draw(subset(NEW))))
    gone = draw(subset(BASE))
    current = draw(st.permutations([file for file in BASE if file not in gone] + draw(subset(THEIRS))))
    return {
        "base": BASE,
        "mine": [planned(file, draw(variants)) for file in mine],
        "removed": removed,
        "current": [planned(file, draw(variants)) for file in current],
    }


def ids(files) -> list[UUID]:
    return [file.file for file in files]


@given(edits())
def test_nothing_others_added_is_lost(edit: dict[str, list]):
    assert set(ids(edit["current"])) - set(BASE) <= set(ids(merge(**edit).files))


@given(edits())
def test_nothing_anyone_removed_returns(edit: dict[str, list]):
    removed_by_others = set(BASE) - set(ids(edit["current"]))
    assert not set(ids(merge(**edit).files)) & (removed_by_others | set(edit["removed"]))


@given(edits())
def test_everything_new_of_mine_is_there(edit: dict[str, list]):
    assert {file.file for file in edit["mine"] if file.is_new} <= set(ids(merge(**edit).files))


@given(edits())
def test_words_others_changed_stay_unless_i_changed_them_too(edit: dict[str, list]):
    """A text that an edit only carried along has its value from the opening, which nobody wants now."""
    mine = [replace(file, alt_text="mine") for file in edit["mine"]]
    theirs = [replace(file, alt_text="theirs") for file in edit["current"]]
    plan = merge(**edit | {"mine": mine, "current": theirs, "described": BASE[:3]})
    expected = dict.fromkeys((*NEW, *BASE[:3]), "mine") | dict.fromkeys((*THEIRS, *BASE[3:]), "theirs")
    assert [file.alt_text for file in plan.files] == [expected[file.file] for file in plan.files]


@given(edits())
def test_every_file_of_the_product_is_either_kept_or_let_go(edit: dict[str, list]):
    plan = merge(**edit)
    kept, detached, current = set(ids(plan.files)), set(plan.detached), set(ids(edit["current"]))
    assert kept | detached >= current
    assert not kept & detached
    assert detached <= current


@given(edits())
def test_each_file_stands_once_and_every_list_is_dense(edit: dict[str, list]):
    plan = merge(**edit)
    assert len(ids(plan.files)) == len(set(ids(plan.files)))
    for key in {file.list_key for file in plan.files}:
        assert [f.sequence for f in plan.files if f.list_key == key] == list(
            range(sum(f.list_key == key for f in plan.files))
        )


@given(edits())
def test_there_is_exactly_one_primary_and_it_is_the_first_main_image(edit: dict[str, list]):
    plan = merge(**edit)
    assert [file for file in plan.files if file.is_primary] == plan.main_images()[:1]


@given(edits())
def test_my_order_holds_and_what_others_added_follows(edit: dict[str, list]):
    plan = merge(**edit)
    place = {file.file: file.list_key for file in plan.files}
    for key in set(place.values()):
        here = [file.file for file in plan.files if file.list_key == key]
        my_part = [file.file for file in edit["mine"] if file.file in here]
        assert here[: len(my_part)] == my_part
        assert all(file in THEIRS for file in here[len(my_part) :])


@given(edits())
def test_merging_my_plan_into_itself_changes_nothing(edit: dict[str, list]):
    plan = merge(**edit)
    again = merge(base=ids(plan.files), mine=plan.files, removed=[], current=plan.files)
    assert (again.files, again.detached) == (plan.files, ())


def test_a_new_product_gets_my_files_in_my_order():
    plan = merge([], [planned(NEW[1]), planned(NEW[0]), planned(NEW[2], "red")], [], [], [("red", "Red")])

    assert [(file.file, file.sequence, file.is_primary) for file in plan.main_images()] == [
        (NEW[1], 0, True),
        (NEW[0], 1, False),
    ]
    assert ids(plan.variant_images()["red"]) == [NEW[2]]
    assert plan.variants == (("red", "Red"),)


def test_an_empty_draft_of_an_empty_product_plans_nothing():
    assert merge([], [], [], []) == Plan(files=(), detached=(), variants=())


def test_a_variants_first_image_is_no_primary():
    assert not merge([], [planned(NEW[0], "red")], [], []).files[0].is_primary
