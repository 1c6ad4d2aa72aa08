"""What goes over the wire. One type for every text: NUL, surrogates, control signs and over-length are refused."""

import re
from datetime import date
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from regulations.periods import FIRST_DAY, LAST_DAY
from regulations.text import TextError, clean

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def usable(value: str) -> str:
    """The text composed and trimmed; refused where a reader could not see what it says."""
    try:
        return clean(value)
    except TextError as error:
        raise PydanticCustomError("unusable_text", "{reason}", {"reason": error.message}) from error


def written_day(value: Any) -> Any:
    """A day as YYYY-MM-DD and nothing else: no time, no number of seconds."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("day", "Write the day as YYYY-MM-DD.")


def likely_day(value: date) -> date:
    """A day of this age; anything else is a slip of the pen."""
    if FIRST_DAY <= value <= LAST_DAY:
        return value
    raise PydanticCustomError("far_day", "This year can't be right.")


Line = Annotated[str, AfterValidator(usable)]
Number = Annotated[Line, Field(min_length=1, max_length=40, description="Contract number")]
Day = Annotated[
    date,
    BeforeValidator(written_day),
    AfterValidator(likely_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-31"]}),
]
LastDay = Annotated[
    Day | None, Field(description="Last day, counted whole in Tokyo (to 23:59:59); null: no end. O-18.1")
]
Reason = Annotated[Line, Field(max_length=200, description="Kept with the change")]


class Body(Schema):
    """What a caller sends; a field that is not known is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class PageIn(Body):
    """Which page of contracts is read."""

    after: Annotated[Line, Field(max_length=100, description="`next` of the page before")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TryIn(Body):
    """The last day whose effects are read."""

    ends_on: Annotated[Day | None, Field(description="The last day to try; without it: no end")] = None


class CompanyIn(Body):
    """A corporation, as certificates print it."""

    corporate_number: Annotated[Line, Field(max_length=40, description="13 digits with their check digit")]
    name: Annotated[Line, Field(min_length=1, max_length=120)]
    name_latin: Annotated[Line, Field(min_length=1, max_length=64)]
    name_reading: Annotated[Line, Field(max_length=160)] = ""
    postal_code: Annotated[Line, Field(max_length=20)] = ""
    address: Annotated[Line, Field(max_length=200)] = ""
    locality_latin: Annotated[Line, Field(max_length=64)] = ""
    state_latin: Annotated[Line, Field(max_length=64)] = ""
    phone: Annotated[Line, Field(max_length=40)] = ""


class MemberIn(Body):
    """A person whom a contract lists: a member, and perhaps an authorised person or an administrator."""

    email: Annotated[Line, Field(min_length=3, max_length=254)]
    name: Annotated[Line, Field(min_length=1, max_length=80)]
    authorised_person: bool = False
    administrator: bool = False


class ContractIn(Body):
    """A contract that begins."""

    number: Number
    begins_on: Day
    ends_on: LastDay = None
    fee_note: Annotated[Line, Field(max_length=200)] = ""
    corporation: CompanyIn
    members: Annotated[list[MemberIn], Field(max_length=100)] = []


class ExtensionIn(Body):
    """A later last day, or none."""

    ends_on: LastDay
    reason: Reason = ""


class EndIn(Body):
    """An earlier last day."""

    ends_on: Day
    reason: Reason = ""


class EffectsOut(Schema):
    """What a moved end does to certificates."""

    subscriptions: int
    to_be_revoked: int
    kept: int
    to_be_renewed: int
    unchanged: int


class ContractOut(Schema):
    """A contract as it stands."""

    id: str
    number: str
    begins_on: date
    ends_on: date | None
    state: str
    corporate_number: str | None
    corporation: str | None


class MovedOut(Schema):
    """A contract after its end was moved, and what follows."""

    contract: ContractOut
    change: str | None
    effects: EffectsOut


class PageOut(Schema):
    """One page of contracts; `next` is the value of `after` for the following one."""

    items: list[ContractOut]
    next: str


class FaultOut(Schema):
    """One thing that is wrong with a call, and where."""

    at: str
    code: str
    detail: str


class ProblemOut(Schema):
    """Why a call was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultOut] = []
    reference: str = ""
