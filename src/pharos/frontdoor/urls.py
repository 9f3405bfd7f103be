"""Addresses of the public pages."""

from django.urls import URLPattern, URLResolver, path, re_path

from pharos.frontdoor import chat, chat_frame, demo, needs, pages, person, requests

PERSON = "<language:language>/r/<str:token>/"
WIDGET = "<language:language>/chat/<str:token>/"
CHAT = WIDGET + "<str:page>/"
PARTS = r"^(?P<language>en|fa|hy|zh-hans)/r/(?P<token>[\w-]+)/part/(?P<part>state|messages|news)/$"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.choose_language, name="front"),
    path("demo/", demo.demo_page, name="demo"),
    path("demo/sign-in/<str:username>/", demo.demo_sign_in, name="demo_sign_in"),
    path("<language:language>/", pages.home_page, name="front_home"),
    path("<language:language>/i/<slug:slug>/", pages.incident_page, name="incident_page"),
    path("<language:language>/i/<slug:slug>/atom.xml", pages.incident_feed, name="incident_feed"),
    path("<language:language>/request/", requests.request_form, name="request"),
    path("<language:language>/request/steps/", requests.request_steps, name="request_steps"),
    path("<language:language>/i/<slug:slug>/request/", requests.request_form, name="incident_request"),
    path("<language:language>/i/<slug:slug>/request/steps/", requests.request_steps, name="incident_request_steps"),
    path(PERSON, person.person_page, name="person_page"),
    re_path(PARTS, person.person_part, name="person_part"),
    path(PERSON + "words/", person.person_words, name="person_words"),
    path(PERSON + "leave/", person.person_leave, name="person_leave"),
    path(PERSON + "rate/", person.person_rate, name="person_rate"),
    path(PERSON + "helps/", needs.needs_page, name="person_needs"),
    path(PERSON + "helps/code/", needs.needs_code, name="person_needs_code"),
    path(PERSON + "helps/open/", needs.needs_open, name="person_needs_open"),
    path(PERSON + "helps/withdraw/", needs.needs_withdraw, name="person_needs_withdraw"),
    path(PERSON + "helps/right/", needs.needs_right, name="person_needs_right"),
    path(PERSON + "f/<str:file>/", person.person_file, name="person_file"),
    re_path(r"^chat/(?P<token>[\w-]+)\.js$", chat_frame.script, name="chat_script"),
    path(WIDGET, chat.start, name="chat_start"),
    path(CHAT, chat.chat, name="chat"),
    path(CHAT + "since/", chat.since, name="chat_since"),
    path(CHAT + "here/", chat.here, name="chat_here"),
    path(CHAT + "away/", chat.away, name="chat_away"),
    path(CHAT + "typing/", chat.typing, name="chat_typing"),
    path(CHAT + "reach/", chat.reach, name="chat_reach"),
    path(CHAT + "leave/", chat.leave, name="chat_leave"),
    path(CHAT + "rate/", chat.rate, name="chat_rate"),
]
