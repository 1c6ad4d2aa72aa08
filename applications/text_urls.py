"""Addresses of documents in the making, of mailings about them, and of agreeing anew."""

from django.urls import URLPattern, URLResolver, path

from applications.views import agreeing, mailings, texts

ONE = "rules/documents/versions/<uuid:key>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/documents/", texts.overview, name="texts"),
    path("rules/documents/new/", texts.new, name="text_new"),
    path("rules/documents/<slug:slug>/draft/", texts.begin, name="text_begin"),
    path("rules/documents/<slug:slug>/governs/", texts.govern, name="text_govern"),
    path(f"{ONE}/", texts.show, name="text"),
    path(f"{ONE}/edit/", texts.edit, name="text_edit"),
    path(f"{ONE}/hand-in/", texts.hand_in, name="text_hand_in"),
    path(f"{ONE}/review/", texts.review, name="text_review"),
    path(f"{ONE}/return/", texts.send_back, name="text_return"),
    path(f"{ONE}/post/", texts.post, name="text_post"),
    path(f"{ONE}/discard/", texts.discard, name="text_discard"),
    path(f"{ONE}/consents/", agreeing.standing, name="text_consents"),
    path(f"{ONE}/consents.csv", agreeing.standing_file, name="text_consents_file"),
    path(f"{ONE}/advance-notice/", mailings.prepare, name="advance_new"),
    path("rules/advance-notices/<uuid:key>/", mailings.show, name="advance"),
    path("rules/advance-notices/<uuid:key>/stop/", mailings.stop, name="advance_stop"),
    path("rules/advance-notices/<uuid:key>/resume/", mailings.resume, name="advance_resume"),
    path("rules/advance-notices/<uuid:key>/resend/", mailings.resend, name="advance_resend"),
    path("agree/<slug:slug>/", agreeing.agree, name="agree"),
]
