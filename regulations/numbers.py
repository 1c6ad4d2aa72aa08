"""Numbers that people read aloud: receipts, certificates, requests, tickets."""

from django.db import transaction

from regulations.models import NumberSeries


def next_number(series: str) -> int:
    """Return the next number of `series`, starting at 1; the row lock makes it unique and gapless.

    Call it inside the transaction that stores the number.
    """
    with transaction.atomic():
        NumberSeries.objects.get_or_create(name=series)
        row = NumberSeries.objects.select_for_update().get(name=series)
        row.last += 1
        row.save(update_fields=["last"])
    return row.last


def next_numbers(series: str, count: int) -> range:
    """Return the next `count` numbers of `series` at once, for batches; otherwise as `next_number`."""
    with transaction.atomic():
        NumberSeries.objects.get_or_create(name=series)
        row = NumberSeries.objects.select_for_update().get(name=series)
        row.last += count
        row.save(update_fields=["last"])
    return range(row.last - count + 1, row.last + 1)


def receipt_number(year: int) -> str:
    """Return the next receipt number of an application, such as 2026-000142."""
    return f"{year}-{next_number(f'receipt-{year}'):06d}"


def management_numbers(count: int) -> list[str]:
    """Return the next management numbers of certificates, such as C-000142."""
    return [f"C-{number:06d}" for number in next_numbers("certificate", count)]


def revocation_number(year: int) -> str:
    """Return the next number of a revocation request, such as R2026-000142."""
    return f"R{year}-{next_number(f'revocation-{year}'):06d}"


def mass_revocation_number(year: int) -> str:
    """Return the next number of a mass revocation, such as M2026-000142."""
    return f"M{year}-{next_number(f'mass-revocation-{year}'):06d}"


def change_number(year: int) -> str:
    """Return the next number of a notice of change, such as H2026-000142."""
    return f"H{year}-{next_number(f'change-{year}'):06d}"


def ticket_number(year: int) -> str:
    """Return the next ticket number of the call center, such as T2026-000142."""
    return f"T{year}-{next_number(f'ticket-{year}'):06d}"
