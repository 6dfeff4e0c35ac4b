"""The contents of an empty ERP: staff to sign in as, and products with images.

The products are created the way any host would: with drafts, uploads and commits.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from erp.demo import accounts
from erp.marketing import product_files
from erp.marketing.models import Product, ProductVariant
from uploads import api

PICTURES = Path(__file__).parent / "pictures"


class Picture(NamedTuple):
    """An image of a demo product: a file in `PICTURES`. `variant` is empty for a main image."""

    name: str
    alt_text: str
    variant: str = ""

    @property
    def content(self) -> bytes:
        """Return the bytes of the file."""
        return (PICTURES / self.name).read_bytes()


class DemoProduct(NamedTuple):
    """A product to create."""

    title: str
    sku: str
    price: str
    description: str
    pictures: list[Picture]

    @property
    def variants(self) -> list[str]:
        """The names of the variants of its pictures, in order."""
        return list(dict.fromkeys(picture.variant for picture in self.pictures if picture.variant))


def lacks_users() -> bool:
    """Whether this ERP has no data yet; otherwise demo accounts must not appear in it."""
    return not User.objects.exists()


def lacks_products() -> bool:
    """Whether this is a demo without products."""
    if Product.objects.exists():
        return False
    demo = User.objects.filter(username="demo", is_active=True).first()
    return demo is not None and demo.check_password(accounts.passwords().get("demo"))


def add_users() -> None:
    """Create two users with the permission to change products, and one who can only view them."""
    passwords = accounts.passwords()
    with transaction.atomic():
        products = Permission.objects.filter(content_type__app_label="marketing", content_type__model="product")
        for name, (first_name, last_name) in accounts.NAMES.items():
            user = User.objects.create_user(
                name, password=passwords[name], first_name=first_name, last_name=last_name, is_staff=True
            )
            user.user_permissions.set(products.filter(codename="view_product") if name == "viewer" else products)


def add_products() -> None:
    """Create the demo products, the last one first because the list shows the newest first."""
    user = User.objects.get(username="demo")
    for product in reversed(demo_products()):
        add_product(user, product)


def add_product(user: User, demo: DemoProduct) -> None:
    """Upload the pictures into a draft, then save the product with them."""
    temp_ids = {name: f"demo-{place}" for place, name in enumerate(demo.variants)}
    rows = [(temp_id, name) for name, temp_id in temp_ids.items()]
    draft = api.open_draft(user, api.Target("product"), fresh=True, variants=rows)
    for picture in demo.pictures:
        api.accept_upload(
            user,
            SimpleUploadedFile(picture.name, picture.content, "image/jpeg"),
            draft_id=draft.id,
            file_type="variant_image" if picture.variant else "main_image",
            variant_temp_id=temp_ids.get(picture.variant),
        )
    with api.committing(draft.id, user) as commit:
        commit.apply([], partial(_link, demo))


def _link(demo: DemoProduct, plan: api.Plan) -> api.Linked:
    product = Product.objects.create(
        title=demo.title, sku=demo.sku, price=Decimal(demo.price), description=demo.description
    )
    images = product_files.temp_files(plan)
    product_files.link_files(product, None, images["main_images"])
    for sequence, (temp_id, name) in enumerate(plan.variants):
        variant = ProductVariant.objects.create(product=product, name=name, sequence=sequence)
        product_files.link_files(product, variant, images["variant_images"].get(temp_id, []))
    for picture in demo.pictures:
        product.files.filter(name=picture.name).update(alt_text=picture.alt_text)
    return api.Linked(target_id=str(product.pk), url=product.get_absolute_url())


def demo_products() -> list[DemoProduct]:
    """The demo products."""
    return [
        DemoProduct(
            "Harbour mug",
            "MUG-350",
            "14.90",
            "Stoneware for 350 ml, glazed by hand. Goes into the dishwasher and the microwave.",
            [
                Picture("mug-front.jpg", "A blue mug, its handle on the right"),
                Picture("mug-left.jpg", "The blue mug from the other side"),
                Picture("mug-rust.jpg", "The mug in rust", "Rust"),
                Picture("mug-rust-left.jpg", "The rust mug from the other side", "Rust"),
                Picture("mug-moss.jpg", "The mug in moss green", "Moss"),
            ],
        ),
        DemoProduct(
            "Evening lamp",
            "LAMP-02",
            "89.00",
            "A warm light for the table. Shade of linen, foot of brushed brass.",
            [
                Picture("lamp-rust.jpg", "A table lamp with a rust shade"),
                Picture("lamp-sand.jpg", "The lamp with a sand shade"),
            ],
        ),
        DemoProduct(
            "Round vase",
            "VASE-11",
            "42.50",
            "Thrown in one piece. Holds a single branch as well as a whole bunch.",
            [Picture("vase.jpg", "A round plum-coloured vase with a narrow neck")],
        ),
        DemoProduct(
            "Everyday plate",
            "PLATE-24",
            "18.00",
            "Deep enough for soup, flat enough for everything else. 24 cm.",
            [
                Picture("plate-moss.jpg", "A deep green plate"),
                Picture("plate-blue.jpg", "The plate in blue", "Blue"),
            ],
        ),
    ]
