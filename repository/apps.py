"""Django's handle on the app."""

from django.apps import AppConfig


class RepositoryConfig(AppConfig):
    """The room of repository."""

    name = "repository"
