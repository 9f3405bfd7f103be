"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from pharos.desktop import acts, chat, cues, intake, joins, paper_views, views

CONTACT = "<str:reference>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.desk, name="desk"),
    path("own/", views.own_part, name="desk_own"),
    path("status/", views.status, name="desk_status"),
    path("offers/<int:offer_id>/take/", views.take, name="desk_take"),
    path("offers/<int:offer_id>/decline/", views.decline, name="desk_decline"),
    path("intake/", intake.page, name="desk_intake"),
    path("intake/shell/", intake.shell, name="desk_intake_shell"),
    path("intake/who/", intake.who, name="desk_intake_who"),
    path("intake/sync/", intake.sync, name="desk_intake_sync"),
    path("intake/worker.js", intake.worker, name="desk_intake_worker"),
    path("intake/paper/<language:language>/", paper_views.page, name="desk_paper"),
    path("intake/paper/<language:language>.pdf", paper_views.pdf, name="desk_paper_pdf"),
    path(CONTACT, views.contact, name="desk_contact"),
    path(CONTACT + "part/", views.contact_part, name="desk_contact_part"),
    path(CONTACT + "chat/", chat.part, name="desk_chat"),
    path(CONTACT + "typing/", chat.typing, name="desk_typing"),
    path(CONTACT + "guide/", views.guide_part, name="desk_guide"),
    path(CONTACT + "files/<str:token>/", views.file, name="desk_file"),
    path(CONTACT + "mail/<int:pk>/", views.mail, name="desk_mail"),
    path(CONTACT + "keep/", acts.keep, name="desk_keep"),
    path(CONTACT + "say/", acts.say, name="desk_say"),
    path(CONTACT + "open/", acts.open_panel, name="desk_open"),
    path(CONTACT + "do/<slug:name>/", acts.do, name="desk_do"),
    path(CONTACT + "cue/", cues.say, name="desk_cue"),
    path(CONTACT + "same/", joins.do, name="desk_same"),
    path(CONTACT + "finish/", acts.finish, name="desk_finish"),
    path(CONTACT + "resume/", acts.resume, name="desk_resume"),
    path(CONTACT + "close/", acts.close, name="desk_close"),
    path(CONTACT + "lower/", acts.lower, name="desk_lower"),
    path(CONTACT + "revoke/", acts.revoke, name="desk_revoke"),
    path(CONTACT + "again/", acts.send_again, name="desk_again"),
    path(CONTACT + "renew/", acts.renew, name="desk_renew"),
]
