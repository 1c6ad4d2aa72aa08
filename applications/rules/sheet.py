"""The examination sheet: what the pinned rules want examined, item by item (O-4.2, J-3.2).

Everything that the certificate will say is on the sheet. What the rules do not name themselves gets
an item of its own, so that nothing is printed which nobody compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from audit.refusals import Text, Violation
from regulations.ruleset import LocalText, RuleSet

COMPARE_RESULTS = ("matches", "unsure", "differs")
CHECK_RESULTS = ("passed", "failed", "not_applicable")
RIGHTS_RESULTS = ("passed", "failed")
RIGHTS: Final = "rights"
RIGHTS_PREFIX: Final = "right_holder_"
SETTLED = frozenset({"matches", "passed", "not_applicable"})
AGAINST = frozenset({"differs", "failed"})
TELEPHONE_PARTS = ("source", "number", "spoke_with", "result")
SAN_LABEL = LocalText(ja="メールアドレス", en="Mail address")
PRINTED_HELP = LocalText(
    ja="証明書に載る文字を、申請と書類の両方と見比べてください。",
    en="Compare the letters that will be printed with the application and the documents.",
)


@dataclass(frozen=True, slots=True)
class Printed:
    """One attribute as the certificate will say it, with the fields that it is made of."""

    code: str
    label: LocalText
    value: str
    field_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One line of the sheet: what is held against what, and whether evidence is wanted."""

    key: str
    label: LocalText
    instruction: LocalText
    kind: str
    evidence: bool
    says: tuple[str, ...]
    printed: tuple[Printed, ...]

    @property
    def results(self) -> tuple[str, ...]:
        """The results that the item may have."""
        if self.kind == RIGHTS:
            return RIGHTS_RESULTS
        return COMPARE_RESULTS if self.kind == "compare" else CHECK_RESULTS


@dataclass(frozen=True, slots=True)
class Watched:
    """One name of the watch list that concerns an application: why it is watched, and in which texts it stands."""

    key: UUID
    name: str
    reason: str
    where: tuple[str, ...] = ()
    current: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an examiner found about one item."""

    result: str
    evidence: str = ""
    note: str = ""
    telephone: Mapping[str, str] | None = None


def printed_of(ruleset: RuleSet, frozen: Mapping[str, Any]) -> list[Printed]:
    """What the order will print, part by part; `frozen` is the part of the order that approvals bind to.

    Raises ValueError when the order was made for other rules.
    """
    subject = [(str(kind), str(value)) for kind, value in frozen["subject"]]
    if [template.type for template in ruleset.subject] != [kind for kind, _value in subject]:
        raise ValueError("the order's subject does not follow the pinned rules")
    printed, seen = [], dict[str, int]()
    for template, (kind, value) in zip(ruleset.subject, subject, strict=True):
        seen[kind] = seen.get(kind, 0) + 1
        code = kind if seen[kind] == 1 else f"{kind}{seen[kind]}"
        printed.append(Printed(code, template.label, value, template.field_keys))
    source = (ruleset.san_email.strip("{}"),)
    addresses = frozen.get("san", {}).get("email", [])
    return printed + [Printed("SAN", SAN_LABEL, address, source) for address in addresses]


def sheet_of(ruleset: RuleSet, printed: Sequence[Printed], watched: Sequence[Watched] = ()) -> list[SheetItem]:
    """The items to examine: those of the rules, one for each printed part without one, one for each watched name."""
    items = []
    for rule in ruleset.examination:
        parts = tuple(part for part in printed if rule.kind == "compare" and rule.field in part.field_keys)
        says = tuple(dict.fromkeys(key for key in (*rule.beside, rule.field) if key))
        items.append(SheetItem(rule.key, rule.label, rule.instruction, rule.kind, rule.evidence, says, parts))
    covered = {part.code for item in items for part in item.printed}
    rest = [
        SheetItem(f"printed_{part.code.lower()}", part.label, PRINTED_HELP, "compare", False, part.field_keys, (part,))
        for part in printed
        if part.field_keys and part.code not in covered
    ]
    return items + rest + [rights_item(entry) for entry in watched]


def rights_item(entry: Watched) -> SheetItem:
    """The item of one watched name: who holds the right has to be shown, whatever the rules say (O-11.1)."""
    where = "、".join(entry.where)
    return SheetItem(
        key=f"{RIGHTS_PREFIX}{entry.key.hex}",
        label=LocalText(ja=f"第三者の名前（商標）「{entry.name}」", en=f"Third party's name (trademark): {entry.name}"),
        instruction=LocalText(
            ja=f"監視リストに一致：{where}。権利者か、許諾を得た者である証拠を書いてください。",
            en=f"On the watch list: {where}. State the evidence that the applicant holds the right or a licence.",
        ),
        kind=RIGHTS,
        evidence=True,
        says=(),
        printed=(),
    )


def violations_of(item: SheetItem, verdict: Verdict, *, form_numbers: frozenset[str]) -> list[Violation]:
    """What is wrong with a verdict; `form_numbers` are the applicant's own telephone numbers, digits only."""
    if verdict.result not in item.results:
        return [Violation("result", "result_unknown", _("Please choose a result."))]
    found = []
    if item.evidence and verdict.result in {"matches", "passed"} and item.kind != "telephone" and not verdict.evidence:
        found.append(Violation("evidence", "evidence_missing", _("Please write on which evidence this rests.")))
    if verdict.result not in {"matches", "passed"} and not verdict.note:
        found.append(Violation("note", "note_missing", _("Please write why, for the approver and the auditor.")))
    if item.kind == "telephone" and verdict.result == "passed":
        found.extend(_telephone_violations(verdict.telephone or {}, form_numbers))
    return found


def _telephone_violations(call: Mapping[str, str], form_numbers: frozenset[str]) -> list[Violation]:
    messages: dict[str, Text] = {
        "source": _("Please write where the number was found."),
        "number": _("Please write the number that was called."),
        "spoke_with": _("Please write who answered."),
        "result": _("Please write what was said."),
    }
    found = [Violation(key, f"{key}_missing", messages[key]) for key in TELEPHONE_PARTS if not call.get(key)]
    if digits_of(call.get("number", "")) in form_numbers:
        text = _("This number is in the application. Please call one that a third party publishes.")
        found.append(Violation("number", "number_of_the_form", text))
    return found


def digits_of(number: str) -> str:
    """The digits of a telephone number, so that hyphens do not matter."""
    return "".join(character for character in number if character.isdecimal())


def form_numbers_of(ruleset: RuleSet, values: Mapping[str, str]) -> frozenset[str]:
    """Every telephone number that the applicant gave."""
    numbers = (digits_of(values.get(field.key, "")) for field in ruleset.fields if field.kind == "tel")
    return frozenset(number for number in numbers if number)
