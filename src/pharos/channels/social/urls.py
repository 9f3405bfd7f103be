"""Addresses that bridges call."""

from django.urls import URLPattern, URLResolver, path

from pharos.channels.social import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:token>/", views.bridge_in, name="social_bridge"),
]
