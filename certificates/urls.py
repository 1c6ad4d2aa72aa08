"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from certificates import letter_views, pickup_views, register_views, start_notice_views, views

app_name = "certificates"
urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/", views.certificate_list, name="list"),
    path("certificates/delivery/<str:token>/", views.delivery, name="delivery"),
    path("certificates/delivery/<str:token>/download/", views.download, name="download"),
    path("certificates/pick-up/<uuid:order_id>/", pickup_views.pickup_page, name="pickup"),
    path("certificates/pick-up/<uuid:order_id>/key/", pickup_views.give_key, name="give_key"),
    path("certificates/pick-up/<uuid:order_id>/state/", pickup_views.state, name="pickup_state"),
    path("certificates/pick-up/<uuid:order_id>/again/", pickup_views.take_back_key, name="take_back_key"),
    path("certificates/<uuid:certificate_id>/saved/", pickup_views.saved, name="saved"),
    path("certificates/<uuid:certificate_id>/", views.detail, name="detail"),
    path("certificates/<uuid:certificate_id>/send/", views.resend, name="resend"),
    path("certificates/<uuid:certificate_id>/file/<slug:kind>/", views.file, name="file"),
    path("certificates/<uuid:certificate_id>/receipt/", views.accept, name="accept"),
    path("certificates/<uuid:certificate_id>/report/", views.report, name="report"),
    path("certificates/<uuid:certificate_id>/start/", views.confirm_start, name="confirm_start"),
    path("office/register/", register_views.register, name="register"),
    path("office/register/file/", register_views.register_file, name="register_file"),
    path("office/orders/", views.order_list, name="orders"),
    path("office/recoveries/", views.recovery_list, name="recoveries"),
    path("office/recoveries/<uuid:recovery_id>/release/", views.release, name="release"),
    path("office/start-notices/", start_notice_views.start_notices_page, name="start_notices"),
    path("office/start-notices/<uuid:certificate_id>/again/", start_notice_views.again, name="start_notice_again"),
    path(
        "office/start-notices/<uuid:certificate_id>/reached/", start_notice_views.reached, name="start_notice_reached"
    ),
    path("office/pin-letters/", letter_views.pin_letters, name="pin_letters"),
    path("office/pin-letters/release/", letter_views.release, name="release_letters"),
    path("office/pin-letters/<uuid:letter_id>/found/", letter_views.found, name="letter_found"),
    path("office/pin-letters/<uuid:letter_id>/again/", letter_views.again, name="letter_again"),
    path("office/pin-letters/<uuid:letter_id>/cancel/", letter_views.cancel, name="letter_cancel"),
    path("office/orders/<uuid:order_id>/retry/", views.retry, name="retry"),
]
