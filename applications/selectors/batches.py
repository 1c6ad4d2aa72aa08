"""Reads of files of applications: whose they are, how far they are, what is asked before they are filed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from applications.batches import Batch, BatchLine
from applications.models import UNDECIDED, Application
from applications.rules.batch_lines import LineRules
from applications.rules.batches import BY_ADMINISTRATOR
from applications.rules.intake import digest_of
from applications.selectors.intake import from_contract
from applications.selectors.progress import certificate_of, code_of
from audit.refusals import NotFound
from regulations.models import Contract, TargetSystem
from regulations.register_selectors import administered_by
from regulations.services import consents
from regulations.services.consents import ConsentItem

PAGE = 50
SHOWN = 20


@dataclass(frozen=True)
class Tally:
    """How the lines of a file stand, by what happens to them next."""

    lines: int
    waiting: int
    open: int
    approved: int
    ended: int
    left_out: int


def own_batches(person: User) -> QuerySet[Batch]:
    """The files under contracts that `person` administers, newest first."""
    contracts = administered_by(person).values("pk")
    return Batch.objects.filter(contract__in=contracts).select_related(
        "contract__corporation", "target_system", "rules", "uploaded_by"
    )


def own_batch(person: User, contract: UUID, key: UUID) -> Batch:
    """One of these files; raises NotFound for anybody else's."""
    found = own_batches(person).filter(contract=contract, pk=key).first()
    if found is None:
        raise NotFound
    return found


def systems_by_file(contract: Contract) -> list[TargetSystem]:
    """The target systems of a contract's parent service for which applications are taken by file."""
    systems = TargetSystem.objects.in_force().filter(parent_service=contract.parent_service)
    return [system for system in systems if system.version_in_force().ruleset.bulk]


def line_rules_of(batch: Batch) -> LineRules:
    """What the lines of a file are judged by, once its first line was read."""
    ruleset = batch.rules.ruleset
    return LineRules.of(ruleset, from_contract(ruleset, batch.contract), batch.columns)


def seen_of(batch: Batch) -> str:
    """The digest of everything that an administrator confirms: the file and its documents."""
    documents = batch.documents.filter(removed_at=None)
    rows = [[row.key, row.sha256, str(row.issued_on or "")] for row in documents]
    return digest_of({"file": batch.sha256, "rules": str(batch.rules_id), "documents": sorted(rows)})


def asked_of_administrator(batch: Batch, at: datetime) -> list[ConsentItem]:
    """What the administrator agrees to for the filing, where the rules ask theirs and not each person's."""
    if batch.consent != BY_ADMINISTRATOR:
        return []
    return consents.asked_for(ruleset=batch.rules.ruleset, at=at)


def tally_of(batch: Batch) -> Tally:
    """How the lines of a file stand now."""
    counted = Application.objects.filter(batch=batch).aggregate(
        waiting=Count("pk", filter=Q(status__in=["draft", "waiting_consent"])),
        open=Count("pk", filter=Q(status__in=UNDECIDED)),
        approved=Count("pk", filter=Q(status="approved")),
        ended=Count("pk", filter=Q(status__in=["refused", "withdrawn", "lapsed"])),
    )
    return Tally(lines=batch.line_count, left_out=batch.lines.exclude(left_out={}).count(), **counted)


def progress_of(batch: Batch) -> int:
    """How far a file is, in percent: of its bytes while it is checked, of its lines while they are filed."""
    if batch.status in ("filing", "halted"):
        done = batch.lines.exclude(application=None, left_out={}).count()
        return 100 * done // max(batch.line_count, 1)
    if batch.status in ("checked", "faulty", "filed"):
        return 100
    return 100 * batch.bytes_done // max(batch.size, 1)


@dataclass(frozen=True)
class LineRow:
    """One line as pages and results show it: `code` is a status of applications, "" where nothing came of the line."""

    line: BatchLine
    application: Application | None
    code: str
    since: datetime | None


def lines_page(batch: Batch, after: int = 0, size: int = PAGE) -> tuple[list[LineRow], str]:
    """The next lines of a file behind the line `after`, and the key of the next page."""
    found = list(lines_of(batch).filter(line__gt=after)[: size + 1])
    more = str(found[size - 1].line) if len(found) > size else ""
    return [row_of(line) for line in found[:size]], more


def lines_of(batch: Batch) -> QuerySet[BatchLine]:
    """The lines of a file in order, with what became of them."""
    related = ("application__order__certificate__subscription", "application__rules", "application__examiner")
    return batch.lines.select_related(*related).order_by("line")


def row_of(line: BatchLine) -> LineRow:
    """One line with its status."""
    application = line.application
    if application is None:
        return LineRow(line, None, "", None)
    certificate = certificate_of(application) if application.status == "approved" else None
    code, since = code_of(application, certificate)
    return LineRow(line, application, code, since)
