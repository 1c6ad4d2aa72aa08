#!/usr/bin/env python3
"""Django's command line; the process's role decides the settings (default: the portal's)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lra_portal.settings.portal")
    execute_from_command_line(sys.argv)
