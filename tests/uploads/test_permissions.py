from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User

from uploads.permissions import Target, authoriser

NEW, SAVED = Target("product"), Target("product", "7")


class Strict:
    """An authoriser of a host that permits nobody."""

    def can_open(self, user: User, target: Target) -> bool:
        return False

    def can_view(self, user: User, target: Target) -> bool:
        return False


@pytest.mark.parametrize(
    ("verb", "may"),
    [
        ("add", (True, False, True)),
        ("change", (False, True, True)),
        ("view", (False, False, True)),
        ("delete", (False, False, False)),
    ],
)
def test_the_hosts_authoriser_decides_by_what_the_draft_is_of(user: User, verb: str, may: tuple[bool, bool, bool]):
    user.user_permissions.set(Permission.objects.filter(codename=f"{verb}_product"))
    access = authoriser()
    assert (access.can_open(user, NEW), access.can_open(user, SAVED), access.can_view(user, SAVED)) == may


def test_nobody_and_an_unknown_kind_get_nothing(admin_user: User):
    assert not authoriser().can_open(AnonymousUser(), NEW)  # type: ignore[arg-type]
    assert not authoriser().can_open(admin_user, Target("invoice"))
    assert not authoriser().can_view(admin_user, Target("invoice", "7"))


def test_the_authoriser_named_last_is_in_force(admin_user: User, settings):
    assert authoriser().can_open(admin_user, NEW)
    settings.UPLOADS = {**settings.UPLOADS, "AUTHORISER": f"{__name__}.Strict"}
    assert not authoriser().can_open(admin_user, NEW)


def test_an_authoriser_that_does_not_exist_is_an_error(settings):
    settings.UPLOADS = {**settings.UPLOADS, "AUTHORISER": "nowhere.Access"}
    with pytest.raises(ImportError):
        authoriser()
