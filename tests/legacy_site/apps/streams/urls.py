from django.urls import path
from django.views.generic import TemplateView

from legacy_site.apps.streams import echo, events, sink

app_name = "streams"
urlpatterns = [
    path("", TemplateView.as_view(template_name="streams/index.html"), name="index"),
    path("events/", events.timed, name="events"),
    path("events/<uuid:key>/", events.acknowledged, name="acknowledged_events"),
    path("events/<uuid:key>/ack", events.acknowledge, name="acknowledge"),
    path("sink/", sink.sink, name="sink"),
    path("echo/", echo.echo, name="echo"),
]
