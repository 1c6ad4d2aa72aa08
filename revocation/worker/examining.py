"""Looks at the lists that are out, by the library's reading alone, after the publisher has checked and stored them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from certificates.models import CertificationAuthority
from certificates.services import alarms
from certificates.worker import authorities
from revocation import list_examination, selectors
from revocation.list_examination import UnreadableListError
from revocation.models import Crl

TOLD = 3
"""Findings of one list that an alarm tells; the command shows more."""


def examine_published(*, at: datetime) -> list[str]:
    """Examine every list that is served, beside the one before it; key officers are told what was found.

    Half of a list's time without a newer one is a finding too, long before it lapses: of the root's as well.
    """
    found = [_overdue(row) for row in selectors.publications(at) if row.alarm]
    for authority in CertificationAuthority.objects.filter(issuer__isnull=False).order_by("name"):
        for shard in range(authority.shards):
            found += [f"{authority.name}-{shard}: {one}" for one in islice(_findings(authority, shard, at), TOLD)]
    if found:
        alarms.raise_alarm(what="; ".join(found)[:400], key="crl", at=at, page="office/revocations/")
    return found


def _overdue(row: selectors.Publication) -> str:
    if row.next_update is None:
        return f"{row.authority.name}-{row.shard}: there is no list yet"
    end = row.next_update.strftime("%Y-%m-%d %H:%M")
    return f"{row.authority.name}-{row.shard}: half of its time is gone without a newer one; it holds until {end} UTC"


def _findings(authority: CertificationAuthority, shard: int, at: datetime) -> Iterator[str]:
    crl = selectors.current_crl(authority, shard)
    if crl is None:
        return
    try:
        served = list_examination.read(selectors.bytes_of(crl))
        yield from list_examination.findings(served, issuer=authorities.certificate_of(authority), now=at)
        before = Crl.objects.filter(authority=authority, shard=shard, number__lt=crl.number).order_by("-number").first()
        if before is None or not before.chunks.exists():
            return
        previous = list_examination.read(selectors.bytes_of(before))
    except UnreadableListError as error:
        yield str(error)
        return
    lost = list_examination.lost_from(previous, served)
    ended = selectors.ended_entries(bytes(authority.subject_der), lost, previous.last_update_utc)
    yield from list_examination.findings_beside(previous, served, ended=ended)
