"""The URLs of limited mode; include them beside those of `uploads`, under the same prefix."""

from django.urls import path

from consumers.polling.http_transport import HttpTransport
from consumers.polling.views import PollingViews

views = PollingViews(HttpTransport())

app_name = "draft_consumers"
urlpatterns = [
    path("draft/<uuid:draft_id>/", views.draft, name="draft"),
    path("draft/<uuid:draft_id>/diagnosis/", views.diagnosis, name="diagnosis"),
    path("draft/<uuid:draft_id>/<uuid:file_id>/<int:epoch>/<int:offset>/", views.chunk, name="chunk"),
]
