"""Entry point of the responder: `gunicorn revocation.responder.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revocation.responder.settings")

application = get_wsgi_application()

from revocation.responder.desk import desk  # noqa: E402 — settings come first

# Asking for the first certificate now spares the first relying parties a "try later".
desk().open()
