from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User

from erp.marketing import permissions
from erp.marketing.permissions import ProductAccess
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)

NEW, SAVED = api.Target("product"), api.Target("product", "7")


def somebody(*verbs: str) -> User:
    user = User.objects.create_user("somebody")
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_product" for verb in verbs]))
    return user


@pytest.mark.parametrize(
    ("verbs", "opens_new", "opens_saved", "sees", "edits"),
    [
        ((), False, False, False, False),
        (("view",), False, False, True, False),
        (("delete",), False, False, False, False),
        (("add",), True, False, True, True),
        (("change",), False, True, True, True),
    ],
)
def test_each_permission_opens_its_own_door(
    verbs: tuple[str, ...], opens_new: bool, opens_saved: bool, sees: bool, edits: bool
) -> None:
    user = somebody(*verbs)

    assert ProductAccess().can_open(user, NEW) is opens_new
    assert ProductAccess().can_open(user, SAVED) is opens_saved
    assert ProductAccess().can_view(user, SAVED) is sees
    assert permissions.may_edit_products(user) is edits


def test_nobody_and_the_inactive_may_nothing() -> None:
    former = somebody("add", "change", "view")
    former.is_active = False

    for user in (AnonymousUser(), former):
        assert not ProductAccess().can_open(user, NEW)
        assert not ProductAccess().can_view(user, SAVED)


def test_other_kinds_of_target_are_not_ours_to_open() -> None:
    user = somebody("add", "change", "view")

    assert not ProductAccess().can_open(user, api.Target("invoice", "7"))
    assert not ProductAccess().can_view(user, api.Target("invoice", "7"))
