from __future__ import annotations

import pytest
from django.db import transaction

from uploads import signals

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hook_that_fails_costs_no_other_hook_anything(caplog: pytest.LogCaptureFixture):
    done: list[str] = []
    with transaction.atomic():
        signals.after_commit(int, "no number")
        signals.after_commit(done.append, "after it")

    assert done == ["after it"]
    assert "no number" in caplog.text
