"""The addresses of `uploads`; include them under any prefix."""

from django.urls import path

from uploads import views

app_name = "uploads"
urlpatterns = [
    path("file/<uuid:file_id>/", views.file_bytes, name="file"),
    path("wanted/", views.wanted, name="wanted"),
]
