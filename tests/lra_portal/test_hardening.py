"""What every answer says to browsers, where weaknesses are reported, and that the list of shown items is true."""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

CHECKOUT = Path(__file__).parents[2]
SHOWN = "import json; from lra_portal.settings import portal as s; print(json.dumps({n: getattr(s, n) for n in NAMES}))"
STRICT = {
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31536000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/nothing-there/", "/healthz"])
def test_every_page_says_what_a_browser_may_load_and_who_may_frame_it(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_cookies_and_transport_are_strict_where_the_site_is_https() -> None:
    environment = {"PATH": os.environ["PATH"], "SITE_URL": "https://lra.demo.example"}
    program = f"NAMES = {list(STRICT)}; {SHOWN}"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout) == STRICT


@pytest.mark.django_db
def test_it_is_said_where_a_weakness_is_reported(client: Client) -> None:
    answer = client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert lines["Contact"].endswith("/contact/")
    expires = datetime.fromisoformat(lines["Expires"])
    assert timedelta(days=30) < expires - timezone.now() < timedelta(days=365)


def test_every_test_that_the_list_of_asvs_names_is_there() -> None:
    with (CHECKOUT / "docs" / "asvs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["item"] for row in rows}) == len(rows)
    for row in rows:
        if row["shown by"] != "not shown":
            path, _, name = row["shown by"].partition("::")
            text = (CHECKOUT / path).read_text()
            assert f"def {name}(" in text if name else "def test_" in text, row
