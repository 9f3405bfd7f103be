"""The addresses that carriers of text messages call."""

from django.urls import path

from pharos.channels.sms import views

urlpatterns = [
    path("<str:token>/in/", views.arrive, name="sms_in"),
    path("<str:token>/report/<str:tag>/", views.report, name="sms_report"),
]
