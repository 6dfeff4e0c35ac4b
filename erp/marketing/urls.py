"""The URLs of the marketing app: its pages and its two API routes."""

from __future__ import annotations

from django.urls import path

from erp.marketing import unsaved_views, views

app_name = "marketing"
urlpatterns = [
    path("", views.ProductList.as_view(), name="product_list"),
    path("unsaved/", unsaved_views.UnsavedList.as_view(), name="unsaved"),
    path("unsaved/left/", unsaved_views.LeftDrafts.as_view(), name="left_drafts"),
    path("unsaved/beside/<uuid:draft>/", unsaved_views.Offers.as_view(), name="offers"),
    path("draft/<uuid:draft>/discard/", unsaved_views.DraftDiscard.as_view(), name="draft_discard"),
    path("draft/<uuid:draft>/keep/", unsaved_views.DraftKeep.as_view(), name="draft_keep"),
    path("draft/<uuid:draft>/restore/", unsaved_views.TextRestore.as_view(), name="text_restore"),
    path("draft/<uuid:draft>/delete_text/", unsaved_views.TextDelete.as_view(), name="text_delete"),
    path("product_create/", views.ProductCreate.as_view(), name="product_create"),
    path("product/<int:pk>/", views.ProductDetail.as_view(), name="product_detail"),
    path("product/<int:pk>/edit/", views.ProductEdit.as_view(), name="product_edit"),
    path("product/<int:pk>/delete/", views.ProductDelete.as_view(), name="product_delete"),
    path("api/temp_upload_file/", views.temp_upload_file, name="temp_upload_file"),
    path("api/cleanup_temp_files/", views.cleanup_temp_files, name="cleanup_temp_files"),
]
