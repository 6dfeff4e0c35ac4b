"""The pages of the marketing app, and its two API routes."""

from __future__ import annotations

from django.urls import path

from erp.marketing import views

app_name = "marketing"
urlpatterns = [
    path("", views.ProductList.as_view(), name="product_list"),
    path("draft/<uuid:draft>/discard/", views.DraftDiscard.as_view(), name="draft_discard"),
    path("product_create/", views.ProductCreate.as_view(), name="product_create"),
    path("product/<int:pk>/", views.ProductDetail.as_view(), name="product_detail"),
    path("product/<int:pk>/edit/", views.ProductEdit.as_view(), name="product_edit"),
    path("product/<int:pk>/delete/", views.ProductDelete.as_view(), name="product_delete"),
    path("api/temp_upload_file/", views.temp_upload_file, name="temp_upload_file"),
    path("api/cleanup_temp_files/", views.cleanup_temp_files, name="cleanup_temp_files"),
]
