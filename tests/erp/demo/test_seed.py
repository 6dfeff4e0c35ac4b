from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from erp.demo import seed
from erp.marketing.models import Product, ProductFile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_loopback(settings: Settings) -> None:
    settings.DEMO_ON_LOOPBACK = True


def test_an_empty_erp_gets_staff_and_products() -> None:
    call_command("seed_demo", verbosity=0)

    titles = list(Product.objects.values_list("title", flat=True))
    assert titles == ["Harbour mug", "Evening lamp", "Round vase", "Everyday plate"]
    mug = Product.objects.get(sku="MUG-350")
    assert list(mug.files.filter(variant=None).values_list("name", "is_primary")) == [
        ("mug-front.jpg", True),
        ("mug-left.jpg", False),
    ]
    assert [variant.name for variant in mug.variants.all()] == ["Rust", "Moss"]
    assert not ProductFile.objects.filter(alt_text="").exists()


def test_every_picture_is_a_small_square_jpeg_and_belongs_to_a_product() -> None:
    pictures = [picture for product in seed.demo_products() for picture in product.pictures]

    for picture in pictures:
        image = Image.open(io.BytesIO(picture.content))
        assert (image.format, image.size) == ("JPEG", (900, 900))
        assert len(picture.content) < 40_000
    assert sorted(picture.name for picture in pictures) == sorted(file.name for file in seed.PICTURES.iterdir())
    assert len({picture.content for picture in pictures}) == len(pictures)


def test_the_demo_staff_may_do_what_it_is_for() -> None:
    seed.add_users()

    assert User.objects.get(username="sam").has_perm("marketing.add_product")
    viewer = User.objects.get(username="viewer")
    assert viewer.has_perm("marketing.view_product")
    assert not viewer.has_perm("marketing.add_product")
    assert User.objects.get(username="demo").check_password("demo")


def test_a_second_time_adds_nothing() -> None:
    seed.add_users()
    seed.add_product(User.objects.get(username="demo"), seed.demo_products()[2])

    call_command("seed_demo", verbosity=0)

    assert User.objects.count() == 3
    assert Product.objects.count() == 1


def test_no_demo_account_appears_in_somebodys_erp() -> None:
    User.objects.create_user("owner", password="long and secret")

    call_command("seed_demo", verbosity=0)

    assert User.objects.count() == 1
    assert not Product.objects.exists()


def test_elsewhere_no_demo_account_appears(settings: Settings) -> None:
    settings.DEMO_ON_LOOPBACK = False

    with pytest.raises(CommandError, match=r"well-known passwords.*ERP_DEMO_PASSWORDS"):
        call_command("seed_demo", verbosity=0)

    assert not User.objects.exists()
