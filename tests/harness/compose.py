"""docker-compose.yml against the schema of the Compose specification; no container engine is needed for that."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator

BASE = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).parent / "schemas" / "compose-spec.json"


def faults(text: str) -> list[str]:
    """Return what the schema finds wrong in a Compose file, and every name that points to nothing."""
    document = yaml.safe_load(text)
    validator = Draft201909Validator(json.loads(SCHEMA.read_text()))
    found = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in validator.iter_errors(document)]
    return found or list(dangling(document))


def dangling(document: dict[str, Any]) -> list[str]:
    """Return the services, secrets, volumes and networks that are used but not defined; a schema cannot see that."""
    lost = []
    for name, service in document.get("services", {}).items():
        used = {
            "services": service.get("depends_on", {}),
            "secrets": [
                secret if isinstance(secret, str) else secret["source"] for secret in service.get("secrets", [])
            ],
            "volumes": [volume for volume in map(volume_name, service.get("volumes", [])) if volume],
            "networks": service.get("networks", []),
        }
        for kind, names in used.items():
            defined = document.get(kind) or {}
            lost += [f"services/{name}: {kind} has no {one}" for one in names if one not in defined]
    return lost


def volume_name(volume: str | dict[str, Any]) -> str:
    """Return the named volume of a mount, or nothing where a path or memory is mounted."""
    if isinstance(volume, dict):
        return str(volume.get("source", "")) if volume.get("type") == "volume" else ""
    source = volume.split(":")[0]
    return "" if source.startswith((".", "/", "~", "$")) else source


def main() -> int:
    """Print the faults of docker-compose.yml; return 1 if there are any."""
    found = faults((BASE / "docker-compose.yml").read_text())
    print("\n".join(found) if found else "docker-compose.yml follows the Compose specification.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
