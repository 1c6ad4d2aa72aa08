from django.apps import AppConfig


class SupportDeskConfig(AppConfig):
    name = "support_desk"
