"""Products, their variants, and the images of both."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from uploads import api

MAX_DESCRIPTION = 20_000
"""Characters."""


class Product(models.Model):
    """A product that the company sells."""

    title = models.CharField(_("title"), max_length=200)
    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    description = models.TextField(_("description"), max_length=MAX_DESCRIPTION, blank=True)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))])

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the URL of the product's page."""
        return reverse("marketing:product_detail", args=[self.pk])


class ProductVariant(models.Model):
    """A variant of a product, such as a colour; `sequence` is its index, dense from 0."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    name = models.CharField(max_length=200)
    sequence = models.PositiveIntegerField()

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["product", "sequence"], name="product_variant_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def temp_id(self) -> str:
        """The id of its row in forms and drafts."""
        return f"variant-{self.pk}"


class ProductFile(models.Model):
    """An image of a product, or of one of its variants.

    `upload` is the id of the file in its draft, so that no retry can link it twice. `sequence` is dense from 0 in its
    list: the product's main images, or one variant's.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="files")
    # A variant is deleted only after its images were deleted or moved; bytes without a row would never be released.
    variant = models.ForeignKey(ProductVariant, models.RESTRICT, related_name="files", null=True, blank=True)
    upload = models.UUIDField(unique=True, editable=False)
    file_url = models.CharField(max_length=500)
    small: api.SmallPictures | None = None
    """Its small pictures, if a page asked for them (`product_files.add_small_pictures`)."""
    name = models.CharField(max_length=120)
    alt_text = models.CharField(max_length=300, blank=True)
    sequence = models.PositiveIntegerField()
    # Computed by the database: the first main image is the primary one, and no code can set it otherwise.
    is_primary = models.GeneratedField(
        expression=Case(When(variant__isnull=True, sequence=0, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "sequence"], condition=Q(variant=None), name="product_file_main_place"
            ),
            models.UniqueConstraint(fields=["variant", "sequence"], name="product_file_variant_place"),
        ]

    def __str__(self) -> str:
        return self.name
