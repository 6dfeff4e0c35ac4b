"""The URLs of `uploads`; include them under any prefix."""

from django.urls import path

from uploads.files import views
from uploads.translations import WindowCatalog

app_name = "uploads"
urlpatterns = [
    path("file/<uuid:file_id>/", views.file_bytes, name="file"),
    path("catalog/<str:language>/<str:version>.js", WindowCatalog.as_view(), name="catalog"),
    path("wanted/", views.wanted, name="wanted"),
]
