"""Applying for somebody else: which documents that asks for, and until when the person is waited for."""

from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from applications.rules.sheet import SheetItem
from regulations.ruleset import DocumentRule, LocalText, RuleSet
from regulations.ruleset_parts import LETTER_OF_PROXY

CONFIRM_WITHIN = timedelta(days=14)
REMIND_BEFORE = timedelta(days=5)
# How many applications one person may have under way for others; each writes a mail to an address that they name.
MOST_FOR_OTHERS = 20
PROXY_LABEL = LocalText(ja="委任状が代理を認めているか", en="Letter of proxy covers this application")
PROXY_HELP = LocalText(
    ja="委任した人・された人の氏名、対象、日付と印を、申請と見比べてください。証明書と PIN は本人だけに渡ります。",
    en="Compare both names, purpose, date and seal with the application. The applicant alone gets certificate and PIN.",
)
WORDS = {
    "confirmed": _("The applicant agreed and confirmed it."),
    "declined": _("The applicant declined it."),
    "taken_over": _("The applicant goes on with it alone."),
    "recalled": _("It was taken back to be changed."),
    "withdrawn": _("It was withdrawn."),
    "lapsed": _("The applicant did not answer in time."),
}


def documents_asked(ruleset: RuleSet, *, by_proxy: bool) -> tuple[DocumentRule, ...]:
    """The documents of the rules; the letter of proxy is asked of an agent, and of nobody else."""
    return tuple(
        replace(rule, required=True) if rule.key == LETTER_OF_PROXY else rule
        for rule in ruleset.documents
        if by_proxy or rule.key != LETTER_OF_PROXY
    )


def proxy_item(ruleset: RuleSet, *, by_proxy: bool) -> tuple[SheetItem, ...]:
    """The item about the letter of proxy, where an agent applied; rules that name it themselves keep theirs."""
    if not by_proxy or LETTER_OF_PROXY in {item.key for item in ruleset.examination}:
        return ()
    return (SheetItem(LETTER_OF_PROXY, PROXY_LABEL, PROXY_HELP, "check", True, (), ()),)
