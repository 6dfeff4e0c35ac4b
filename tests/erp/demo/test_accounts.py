"""No account with a well-known password can be used, except on loopback."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from erp.demo import accounts, seed
from erp.launch import serve
from tests.support.servers.server import PASSWORDS

pytestmark = pytest.mark.django_db(transaction=True)


def signs_in(name: str, password: str) -> bool:
    return Client().post("/accounts/login/", {"username": name, "password": password}).status_code == 302


@pytest.fixture
def on_loopback(settings: Settings) -> None:
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = True, {}


@pytest.fixture
def elsewhere(settings: Settings) -> None:
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = False, {}


@pytest.mark.parametrize("name", accounts.NAMES)
def test_a_well_known_password_works_on_loopback_only(on_loopback: None, settings: Settings, name: str):
    seed.add_users()
    assert signs_in(name, name)

    settings.DEMO_ON_LOOPBACK = False

    assert not signs_in(name, name)
    User.objects.get(username=name)


def test_elsewhere_no_well_known_password_works(eva: User, settings: Settings):
    settings.DEMO_ON_LOOPBACK = False
    User.objects.create_user("demo", password="demo")

    assert not signs_in("demo", "demo")


def test_elsewhere_a_database_with_well_known_passwords_is_refused(eva: User, settings: Settings):
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = False, {}
    User.objects.create_user("demo", password="demo")

    with pytest.raises(serve.MustNotServe, match="demo"):
        serve.demo_logins()


def test_another_password_of_the_same_account_works_everywhere(elsewhere: None):
    User.objects.create_user("demo", password=PASSWORDS["demo"])

    assert signs_in("demo", PASSWORDS["demo"])


def test_accounts_with_well_known_passwords_are_found(on_loopback: None):
    seed.add_users()
    assert accounts.with_known_password() == ["demo", "sam", "viewer"]

    accounts.replace_passwords(["sam"], PASSWORDS)
    User.objects.filter(username="viewer").update(is_active=False)

    assert accounts.with_known_password() == ["demo"]
    assert signs_in("sam", PASSWORDS["sam"])


def test_a_new_password_ends_the_sessions_of_the_well_known_one(on_loopback: None):
    seed.add_users()
    client = Client()
    client.post("/accounts/login/", {"username": "demo", "password": "demo"})
    assert client.get("/marketing/").status_code == 200

    accounts.replace_passwords(["demo"], PASSWORDS)

    assert client.get("/marketing/").status_code == 302


def test_passwords_of_ones_own_make_demo_accounts_anywhere(elsewhere: None, settings: Settings):
    assert accounts.passwords() == {}
    settings.DEMO_PASSWORDS = PASSWORDS

    assert accounts.passwords() == PASSWORDS
    seed.add_users()
    assert signs_in("viewer", PASSWORDS["viewer"])
    assert accounts.with_known_password() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sam": None}, "each of demo, sam, viewer"),
        ({"eva": "seven lamps at noon"}, "each of demo, sam, viewer"),
        ({"demo": "demo"}, "demo: "),
        ({"demo": "too short"}, "at least 12"),
        ({"demo": "password1234"}, "too common"),
    ],
)
def test_passwords_of_ones_own_are_none_that_anybody_guesses(
    elsewhere: None, settings: Settings, changes: dict[str, object], sentence: str
):
    named = {**PASSWORDS, **changes}
    settings.DEMO_PASSWORDS = {name: password for name, password in named.items() if password is not None}

    with pytest.raises(ImproperlyConfigured, match=sentence):
        accounts.passwords()
