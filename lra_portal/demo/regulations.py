"""Brings the demo's rules into the database through the services: documents, target systems, contracts, contact.

The files beside this module are the data. Loading twice changes nothing.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from applications.models import WatchedName
from applications.services import watch_list
from audit.actors import Actor
from regulations.models import (
    Announcement,
    Closure,
    ContactPoint,
    Contract,
    Corporation,
    Document,
    ParentService,
    TargetSystem,
)
from regulations.services import contracts, documents, target_systems

FOLDER = Path(__file__).parent
LOADER = Actor.system("demo")


def load_regulations(*, at: datetime) -> None:
    """Load everything; documents and rules are in force from `at`, announcements from their own days."""
    read_contracts = table("contracts")
    load_parent_services(read_contracts["parent_services"])
    for position, file in enumerate(sorted((FOLDER / "target_systems").glob("*.toml"))):
        load_rules(tomllib.loads(file.read_text()), position=position, at=at)
    for row in table("documents")["documents"]:
        load_document(row, at=at)
    load_contracts(read_contracts, at=at)
    load_site(table("site"), at=at)
    load_watch_list(table("watch_list")["names"], at=at)


def load_watch_list(rows: list[dict[str, str]], *, at: datetime) -> None:
    """The names that the demo's examiners look out for."""
    for row in rows:
        if not WatchedName.objects.filter(name=row["name"]).exists():
            watch_list.add(**row, actor=LOADER, at=at)


def table(name: str) -> dict[str, Any]:
    """The data file `name`."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def load_parent_services(rows: list[dict[str, Any]]) -> None:
    """The parent services and the target systems that belong to them."""
    for row in rows:
        service, _created = ParentService.objects.get_or_create(
            slug=row["slug"], defaults={"name": row["name"], "charges_users": row["charges_users"]}
        )
        for slug in row["target_systems"]:
            TargetSystem.objects.get_or_create(slug=slug, defaults={"parent_service": service})


def load_rules(data: dict[str, Any], *, position: int, at: datetime) -> None:
    """One target system's rules, in force."""
    target_system = TargetSystem.objects.get(slug=data["slug"])
    TargetSystem.objects.filter(pk=target_system.pk).update(position=position)
    version = target_systems.import_version(target_system=target_system, data=data, actor=LOADER, at=at)
    if version.status == "draft":
        target_systems.activate(version=version, actor=LOADER, at=at)


def load_document(row: dict[str, Any], *, at: datetime) -> None:
    """One document with its texts in both languages."""
    document, _created = Document.objects.get_or_create(
        slug=row["slug"],
        defaults={"kind": row["kind"], "precedence": row["precedence"], "procedures": row.get("procedures", [])},
    )
    document.target_systems.set(TargetSystem.objects.filter(slug__in=row["target_systems"]))
    if document.versions.filter(version=row["version"]).exists():
        return
    text = documents.Text(
        version=row["version"],
        title=row["title"],
        what_changed=row["what_changed"],
        body=body_of(row["slug"]),
        external_url=row.get("external_url", ""),
        external_sha256=row.get("external_sha256", ""),
    )
    documents.publish(document=document, text=text, actor=LOADER, at=at)


def body_of(slug: str) -> dict[str, str]:
    """A document's text per language; empty for one that is kept elsewhere."""
    files = {lang: FOLDER / "documents" / f"{slug}.{lang}.md" for lang in ("ja", "en")}
    return {lang: file.read_text() for lang, file in files.items() if file.exists()}


def load_contracts(data: dict[str, Any], *, at: datetime) -> None:
    """Corporations, their contracts and the people named in them."""
    for row in data["corporations"]:
        if not Corporation.objects.filter(corporate_number=row["corporate_number"]).exists():
            contracts.register_corporation(company=contracts.Company(**row), actor=LOADER, at=at)
    for row in data["contracts"]:
        load_contract(row, at=at)


def load_contract(row: dict[str, Any], *, at: datetime) -> None:
    """One contract."""
    service = ParentService.objects.get(slug=row["parent_service"])
    if Contract.objects.filter(parent_service=service, number=row["number"]).exists():
        return
    contract = contracts.open_contract(
        parent_service=service,
        corporation=Corporation.objects.get(corporate_number=row["corporation"]),
        terms=contracts.Terms(row["number"], row["begins_on"], row.get("ends_on"), row["fee_note"]),
        actor=LOADER,
        at=at,
    )
    for member in row["members"]:
        contracts.name_member(contract=contract, actor=LOADER, at=at, **member)


def load_site(data: dict[str, Any], *, at: datetime) -> None:
    """How the call center is reached, extra closures, and announcements."""
    ContactPoint.objects.get_or_create(phone=data["contact"]["phone"], defaults={**data["contact"], "valid_from": at})
    for row in data["closures"]:
        Closure.objects.get_or_create(day=row["day"], defaults={"reason": row["reason"]})
    for row in data["announcements"]:
        posted_at = instant_of(row["posted_on"])
        Announcement.objects.get_or_create(title=row["title"], posted_at=posted_at, defaults={"body": row["body"]})


def instant_of(day: date) -> datetime:
    """The beginning of `day` in Tokyo."""
    return contracts.midnight(day)
