"""The check of docker-compose.yml finds what it should."""

import pytest

from tests.harness.compose import faults

GOOD = """
services:
  web:
    image: lra-portal
    depends_on: {postgres: {condition: service_healthy}}
    secrets: [web_key]
    volumes: ["data:/data", "./deploy:/deploy:ro"]
  postgres:
    image: postgres
secrets: {web_key: {file: ./secrets/web_key}}
volumes: {data: {}}
"""


def test_a_good_file_passes() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("image: lra-portal", "imgae: lra-portal"),
        ("condition: service_healthy", "condition: service_happy"),
        ("secrets: [web_key]", "secrets: [signer_key]"),
        ("depends_on: {postgres:", "depends_on: {mysql:"),
        ('"data:/data"', '"dota:/data"'),
    ],
)
def test_a_wrong_line_is_found(right: str, wrong: str) -> None:
    assert right in GOOD
    assert faults(GOOD.replace(right, wrong)) != []
