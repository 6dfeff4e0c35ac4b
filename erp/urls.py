"""All URLs of the ERP."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from erp.marketing.media import product_file
from erp.web.sign_in import SignIn

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="marketing:product_list")),
    path("accounts/login/", SignIn.as_view(), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("marketing/", include("erp.marketing.urls")),
    path("uploads/", include("uploads.urls")),
    path("uploads/", include("consumers.urls")),
    path("media/product_files/<int:product>/<str:name>", product_file, name="product_file"),
]

handler400 = "erp.marketing.api_responses.bad_request"
handler403 = "erp.web.error_pages.not_allowed"
handler404 = "erp.web.error_pages.not_found"
handler500 = "erp.web.error_pages.failed"
