"""The operations: read contracts, begin one, extend, shorten, end, name people, see what an end would do."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from applications.api.keys import Key, actor_of_call, token_of_call
from applications.api.once import CallKey, done_once
from applications.api.shapes import (
    ContractIn,
    ContractOut,
    EffectsOut,
    EndIn,
    ExtensionIn,
    Line,
    MemberIn,
    MovedOut,
    PageIn,
    PageOut,
    ProblemOut,
    TryIn,
)
from applications.selectors.contract_effects import effects_of
from audit.refusals import NotFound, RuleViolated, Violation
from regulations.calendar import tokyo
from regulations.models import Contract
from regulations.periods import ENDED, EXTENDED, SHORTENED, end_after, kind_of_change, state_of
from regulations.register_selectors import Sought, contract_page, is_uuid
from regulations.services import contracts as register
from regulations.services.api_tokens import READ, WRITE
from regulations.services.periods import NewEnd, Source, move_end

router = Router(tags=["contracts"])
REFUSALS = frozenset({400, 401, 403, 404, 409, 422, 503})
Which = Annotated[Line, Path(description="Contract number (its newest period), or the id", min_length=1, max_length=60)]
MOVED = {200: MovedOut, REFUSALS: ProblemOut}


def out(contract: Contract) -> ContractOut:
    """A contract as the caller reads it."""
    company = contract.corporation
    return ContractOut(
        id=str(contract.pk),
        number=contract.number,
        begins_on=tokyo(contract.begins_at).date(),
        ends_on=contract.last_day,
        state=state_of(begins_at=contract.begins_at, ends_at=contract.ends_at, at=timezone.now()),
        corporate_number=company.corporate_number if company else None,
        corporation=company.name if company else None,
    )


def found(request: HttpRequest, which: str) -> Contract:
    """The caller's own contract by id or number, the newest period first; raises NotFound for any other."""
    rows = Contract.objects.filter(parent_service=token_of_call(request).parent_service).select_related("corporation")
    rows = rows.filter(pk=which) if is_uuid(which) else rows.filter(number=which)
    contract = rows.order_by("-begins_at").first()
    if contract is None:
        raise NotFound(_("There is no such contract of this parent service."))
    return contract


@router.get("/contracts", auth=Key(READ), response={200: PageOut, REFUSALS: ProblemOut}, url_name="contracts")
def list_contracts(request: HttpRequest, query: Query[PageIn]) -> PageOut:
    """Read the contracts in order of number, page by page."""
    service = token_of_call(request).parent_service
    page = contract_page(sought=Sought(service=service.slug, after=query.after), at=timezone.now(), size=query.limit)
    return PageOut(items=[out(row) for row in page.rows], next=page.next_key)


@router.post("/contracts", auth=Key(WRITE), response={201: ContractOut, REFUSALS: ProblemOut}, url_name="contracts")
def begin_contract(request: HttpRequest, body: ContractIn, key: CallKey) -> HttpResponse:
    """Report a contract that begins, with its corporation and people; all of it or nothing."""
    token, actor = token_of_call(request), actor_of_call(request)

    def work(at: datetime) -> tuple[int, ContractOut]:
        company = register.Company(**body.corporation.model_dump())
        corporation = register.register_corporation(
            company=company, actor=actor, at=at, reported_by=token.parent_service
        )
        contract = register.open_contract(
            parent_service=token.parent_service,
            corporation=corporation,
            terms=register.Terms(body.number, body.begins_on, body.ends_on, body.fee_note),
            actor=actor,
            at=at,
            source=Source("api", "", token),
        )
        for member in body.members:
            register.name_member(contract=contract, actor=actor, at=at, **member.model_dump())
        return 201, out(contract)

    return done_once(request=request, key=key, body=body, work=work)


@router.get(
    "/contracts/{which}", auth=Key(READ), response={200: ContractOut, REFUSALS: ProblemOut}, url_name="contract"
)
def read_contract(request: HttpRequest, which: Which) -> ContractOut:
    """Read one contract."""
    return out(found(request, which))


@router.get(
    "/contracts/{which}/effects", auth=Key(READ), response={200: EffectsOut, REFUSALS: ProblemOut}, url_name="effects"
)
def read_effects(request: HttpRequest, which: Which, query: Query[TryIn]) -> EffectsOut:
    """See what a last day would do to the subscribers; nothing is changed."""
    contract = found(request, which)
    effects = effects_of(contract=contract, before=contract.ends_at, after=end_after(query.ends_on), at=timezone.now())
    return EffectsOut(**effects.to_json())


@router.post("/contracts/{which}/extension", auth=Key(WRITE), response=MOVED, url_name="extension")
def extend_contract(request: HttpRequest, which: Which, body: ExtensionIn, key: CallKey) -> HttpResponse:
    """Report a later last day, or that there is none any more."""
    return moved(request, which, body, key, frozenset({EXTENDED}))


@router.post("/contracts/{which}/shortening", auth=Key(WRITE), response=MOVED, url_name="shortening")
def shorten_contract(request: HttpRequest, which: Which, body: EndIn, key: CallKey) -> HttpResponse:
    """Report an earlier last day that is still ahead."""
    return moved(request, which, body, key, frozenset({SHORTENED}))


@router.post("/contracts/{which}/end", auth=Key(WRITE), response=MOVED, url_name="end")
def end_contract(request: HttpRequest, which: Which, body: EndIn, key: CallKey) -> HttpResponse:
    """Report that a contract ends or has ended: its last day, today's, a past or a coming one."""
    return moved(request, which, body, key, frozenset({SHORTENED, ENDED}))


@router.post(
    "/contracts/{which}/members", auth=Key(WRITE), response={200: ContractOut, REFUSALS: ProblemOut}, url_name="members"
)
def name_member(request: HttpRequest, which: Which, body: MemberIn, key: CallKey) -> HttpResponse:
    """Name a person of a contract, or change what they may do."""

    def work(at: datetime) -> tuple[int, ContractOut]:
        contract = found(request, which)
        register.name_member(contract=contract, actor=actor_of_call(request), at=at, **body.model_dump())
        return 200, out(contract)

    return done_once(request=request, key=key, body=body, work=work)


def moved(
    request: HttpRequest, which: str, body: ExtensionIn | EndIn, key: str, wanted: frozenset[str]
) -> HttpResponse:
    """Move an end once, in the direction that the caller named."""

    def work(at: datetime) -> tuple[int, MovedOut]:
        contract = found(request, which)
        before, after = contract.ends_at, end_after(body.ends_on)
        kind = kind_of_change(before=before, after=after, at=at)
        if kind is not None and kind not in wanted:
            raise RuleViolated([direction_violation(contract.last_day, body.ends_on)])
        effects = effects_of(contract=contract, before=before, after=after, at=at)
        source = Source("api", body.reason, token_of_call(request))
        new_end = NewEnd(body.ends_on, before)
        move_end(contract=contract, new_end=new_end, source=source, actor=actor_of_call(request), at=at)
        return 200, MovedOut(contract=out(contract), change=kind, effects=EffectsOut(**effects.to_json()))

    return done_once(request=request, key=key, body=body, work=work)


def direction_violation(last_day: date | None, wanted: date | None) -> Violation:
    """Say that the last day would move the other way."""
    facts = {"now": last_day.isoformat() if last_day else "null", "wanted": wanted.isoformat() if wanted else "null"}
    message = _("The contract ends on %(now)s; %(wanted)s would move it the other way. Please use the other call.")
    return Violation("ends_on", "other_direction", message % facts)
