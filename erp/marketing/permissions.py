"""The permissions for products: the only module that knows them, and the authoriser that `uploads` asks."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from uploads import api

CurrentUser = User | AnonymousUser
ADD, CHANGE, DELETE, VIEW = (f"marketing.{verb}_product" for verb in ("add", "change", "delete", "view"))


def may_see_products(user: CurrentUser) -> bool:
    """Whether `user` may view products; adding or changing them includes that."""
    return any(user.has_perm(permission) for permission in (VIEW, ADD, CHANGE))


def may_edit_products(user: CurrentUser) -> bool:
    """Whether `user` may have drafts of products."""
    return any(user.has_perm(permission) for permission in (ADD, CHANGE))


class ProductAccess:
    """The authoriser named in ``UPLOADS["AUTHORISER"]``."""

    def can_open(self, user: CurrentUser, target: api.Target) -> bool:
        """Whether `user` may work on a draft of `target`: a new product, or an existing one."""
        return target.kind == "product" and user.has_perm(CHANGE if target.id else ADD)

    def can_view(self, user: CurrentUser, target: api.Target) -> bool:
        """Whether `user` may view the files of the saved `target`."""
        return target.kind == "product" and may_see_products(user)
