"""The auditor's room: one story in order, and the search through all records. Reading is itself on record."""

from dataclasses import asdict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import actor_of
from accounts.fields import TypedDay
from applications.selectors.proofs import life_of, proofs_of
from applications.selectors.stories import PAGE, Found, Search, records_found, stories_named, story_of
from applications.services.looking import read_evidence
from audit.words import ACT_WORDS


@require_GET
def stories(request: HttpRequest) -> HttpResponse:
    """Find a story by one of the numbers that people have in hand."""
    text = request.GET.get("q", "").replace("\x00", "")[:80]
    read_evidence(what={"stories": text}, actor=actor_of(request), at=timezone.now())
    context = {"text": text, "rows": stories_named(text)}
    return render(request, "applications/staff/stories.html", context)


@require_GET
def story(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show every act of a story: who, in which role, when, from where, what."""
    everything = request.GET.get("all") == "1"
    found = story_of(key, everything=everything)
    if found is None:
        raise Http404
    read_evidence(what={"story": str(key)}, story=key, actor=actor_of(request), at=timezone.now())
    context = {"story": found, "proofs": proofs_of(found), "life": life_of(found), "everything": everything}
    return render(request, "applications/staff/story.html", {**context, "at": timezone.now()})


@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Search all records, newest first."""
    typed = request.GET
    since, until = (TypedDay.read(name, typed.get(name, "")) for name in ("since", "until"))
    until = since.until(until)
    faulty = bool(since.fault or until.fault)
    search = Search(
        act=typed.get("act", ""),
        person=typed.get("person", "").replace("\x00", "").strip()[:120],
        about=typed.get("about", "").replace("\x00", "").strip()[:80],
        outcome=typed.get("outcome", ""),
        since=since.day,
        until=until.day,
        before=typed.get("before", "")[:18],
    )
    found = Found([], "") if faulty else records_of(request, search)
    more = typed.copy()
    more["before"] = found.next_key
    next_url = f"?{more.urlencode()}" if found.next_key else ""
    paging = {"next_url": next_url, "first_url": "?" if search.before else "", "size": PAGE}
    acts = sorted(((act.value, words) for act, words in ACT_WORDS.items()), key=lambda row: row[0])
    context = {"found": found, "search": search, "paging": paging, "acts": acts, "since": since, "until": until}
    return render(request, "applications/staff/events.html", context, status=422 if faulty else 200)


def records_of(request: HttpRequest, search: Search) -> Found:
    """Return the records that are looked for; the search itself is on record."""
    what = {key: str(value) for key, value in asdict(search).items() if value}
    found = records_found(search)
    read_evidence(what=what, actor=actor_of(request), at=timezone.now())
    return found
