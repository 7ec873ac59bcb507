from django.contrib.auth.decorators import login_required, permission_required
from django.urls import path

from legacy_site.apps.probes import views

urlpatterns = [
    path("session/", views.session),
    path("session/key/", views.session_key),
    path("session/expiry/", views.session_expiry),
    path("session/flush/", views.flush),
    path("messages/", views.message),
    path("form/", views.form),
    path("exempt/", views.exempt),
    path("user/", views.user),
    path("flag/<slug:name>/", views.flag),
    path("answer/<int:status>/", views.answer),
    path("fail/", views.fail),
    path("clock/", views.clock),
    path("dice/", views.dice),
    path("quotation/", views.quotation),
    path("stream/", views.stream),
    path("for/members/", login_required(views.user)),
    path(
        "for/editors/", permission_required("boxes.change_box", raise_exception=False)(views.user)
    ),
]
