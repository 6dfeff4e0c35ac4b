from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("language", "opening"),
    [
        ("en", '<html lang="en" dir="ltr">'),
        ("de", '<html lang="de" dir="ltr">'),
        ("ar", '<html lang="ar" dir="rtl">'),
    ],
)
def test_the_page_says_its_language_and_direction(demo: Client, language: str, opening: str):
    page = demo.get("/marketing/", headers={"Accept-Language": language})

    assert opening in page.content.decode()


def test_a_language_is_chosen_by_a_form_and_stays(demo: Client):
    page = demo.get("/marketing/?page=1").content.decode()
    answer = demo.post("/i18n/setlang/", {"language": "ar", "next": "/marketing/?page=1"})

    assert '<input type="hidden" name="next" value="/marketing/?page=1">' in page
    assert all(f'name="language" value="{code}" lang="{code}"' in page for code, _ in settings.LANGUAGES)
    assert answer.headers["Location"] == "/marketing/?page=1"
    assert '<html lang="ar" dir="rtl">' in demo.get("/marketing/").content.decode()
