"""What a rule set says, in sentences that a rules manager reads before activating it: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulations.ruleset import RuleSet
from regulations.ruleset_parts import PIN_BY_LETTER
from regulations.ruleset_words import enumerated, listed, said, word

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that belong together: a heading, and each rule's name with what it says."""

    title: str
    rows: list[Row]


def summary_of(ruleset: RuleSet, titles: Mapping[str, str]) -> list[Chapter]:
    """Return the rules in words; `titles` are those of the documents to agree to, by their short name."""
    return [
        Chapter(_("Applying"), applying(ruleset, titles)),
        Chapter(_("Examination"), examining(ruleset)),
        Chapter(_("Key and receipt"), receiving(ruleset)),
        Chapter(_("Afterwards"), afterwards(ruleset)),
    ]


def applying(ruleset: RuleSet, titles: Mapping[str, str]) -> list[Row]:
    """Who applies, for whom, how often and under which texts."""
    labels = (str(ruleset.field(key).label) for key in ruleset.identity)
    consent = said("bulk_consent", ruleset.bulk_consent)
    bulk = _("possible; who agrees: %(who)s") % {"who": consent} if ruleset.bulk else _("not possible")
    return [
        (word("applicants"), said("applicants", ruleset.applicants)),
        (word("agents"), said("agents", ruleset.agents)),
        (word("bulk"), bulk),
        (word("identity"), enumerated(labels)),
        (word("subscriptions_per_subject"), str(ruleset.subscriptions_per_subject)),
        (word("consents"), enumerated(titles.get(slug, slug) for slug in ruleset.consents)),
        (word("fee"), said("fee", ruleset.fee)),
    ]


def examining(ruleset: RuleSet) -> list[Row]:
    """How the application is examined, and what an examiner may do about findings."""
    override = listed("override", ruleset.override) or _("none")
    reopen = days_in_words(ruleset.reopen_days) if ruleset.reopen_days else _("not possible")
    return [
        (word("four_eyes"), _("yes") if ruleset.four_eyes else _("no")),
        (word("promised_days"), str(ruleset.promised_days)),
        (word("override"), override),
        (word("reopen_days"), reopen),
    ]


def receiving(ruleset: RuleSet) -> list[Row]:
    """How the key is made, and what is expected of the holder."""
    lapse = said("acceptance_lapse", ruleset.acceptance_lapse)
    rows = [
        (word("key_modes"), listed("key_modes", ruleset.key_modes)),
        (word("acceptance_days"), days_in_words(ruleset.acceptance_days)),
        (word("acceptance_lapse"), lapse),
    ]
    if "lra" in ruleset.key_modes:
        rows.append((word("pin_channel"), said("pin_channel", ruleset.pin_channel)))
        if ruleset.pin_channel == PIN_BY_LETTER:
            labels = [str(ruleset.field(key).label) for key in asdict(ruleset.pin_letter).values() if key]
            rows.append((word("pin_letter"), enumerated(labels)))
        rows.append((word("backup"), _("yes, with consent") if ruleset.backup else _("no")))
    return rows


def afterwards(ruleset: RuleSet) -> list[Row]:
    """Renewal, reissue, reminders and how long things are kept."""
    renewal, reissue = ruleset.renewal, ruleset.reissue
    opens = _("opens %(time)s before the certificate ends") % {"time": days_in_words(renewal.opens_days)}
    ends = _("the old certificate ends %(time)s after the new one was issued, at the latest")
    ends %= {"time": days_in_words(reissue.old_ends_days)}
    kept = _("destroyed %(time)s after the case has ended")
    steps = enumerated(str(days) for days in ruleset.notices.expiry_days)
    return [
        (word("renewal"), opens if renewal.allowed else _("not possible")),
        (word("reissue"), ends if reissue.allowed else _("not possible")),
        (word("notices"), _("%(days)s days before the end, and at the end") % {"days": steps}),
        (_("Documents"), kept % {"time": days_in_words(ruleset.retention.documents_days)}),
        (_("What was filled in"), kept % {"time": days_in_words(ruleset.retention.application_days)}),
    ]


def days_in_words(days: int) -> str:
    """Return a number of days with its unit."""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
