"""The documents beside the sheet: tabs, pages with their numbered marks, and what can be done with the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applications.models import Application, DocumentMark, InformationRequest, Upload
from applications.rules.sheet import SheetItem
from applications.rules.viewing import PageDrawing, Spot, ViewState, drawing_of
from applications.selectors.facts import kept_uploads
from regulations.ruleset import LocalText


@dataclass(frozen=True)
class DocumentTab:
    """One document beside the sheet; `new` came in answer to the last request for more."""

    upload: Upload
    label: str
    current: bool
    query: str
    new: bool


@dataclass(frozen=True)
class Tie:
    """The mark of one row: its number, and where it stands."""

    number: int
    mark: DocumentMark
    label: str
    query: str


@dataclass(frozen=True)
class Viewer:
    """Everything that the viewer shows."""

    state: ViewState
    tabs: list[DocumentTab]
    pages: list[PageDrawing]
    ties: dict[str, Tie]
    marking: SheetItem | None

    @property
    def shown(self) -> DocumentTab | None:
        """Return the document in the viewer."""
        return next((tab for tab in self.tabs if tab.current), None)

    def _beside(self, step: int) -> str:
        places = [place for place, tab in enumerate(self.tabs) if tab.current]
        wanted = places[0] + step if places else -1
        return self.tabs[wanted].query if 0 <= wanted < len(self.tabs) else ""

    @property
    def before(self) -> str:
        """Return the query of the document before, or ""."""
        return self._beside(-1)

    @property
    def after(self) -> str:
        """Return the query of the document behind, or ""."""
        return self._beside(1)


def viewer_of(
    application: Application, items: Sequence[SheetItem], requests: Sequence[InformationRequest], state: ViewState
) -> Viewer:
    """Return the viewer of an application in the state that the address asks for."""
    labels = labels_of(application, requests)
    uploads = kept_uploads(application)
    shown = next((upload for upload in uploads if str(upload.pk) == state.document), uploads[0] if uploads else None)
    asked_at = max((request.asked_at for request in requests), default=None)
    # Rows of the comparison come first, as on the page.
    in_order = sorted(items, key=lambda item: item.kind != "compare")
    numbers = {item.key: number for number, item in enumerate(in_order, start=1)}
    ties = _ties(application, numbers, labels, state, uploads)
    marking = next((item for item in items if item.key == state.mark), None)
    return Viewer(
        state=state if marking else ViewState(state.document, state.zoom, state.turn),
        tabs=[_tab(upload, labels, shown, state, asked_at) for upload in uploads],
        pages=_pages(shown, ties.values(), 0 if marking else state.turn) if shown else [],
        ties=ties,
        marking=marking,
    )


def labels_of(application: Application, requests: Sequence[InformationRequest]) -> dict[str, str]:
    """Return the names of documents, by the keys under which they were handed in."""
    asked = {str(item["key"]): str(LocalText(**item["label"])) for request in requests for item in request.items}
    return asked | {rule.key: str(rule.label) for rule in application.rules.ruleset.documents}


def evidence_by_mark(application: Application, key: str) -> str:
    """Return in words what a mark on a document shows, for a row whose evidence was not written; "" without one."""
    row = application.marks.filter(key=key, upload__removed_at=None).select_related("upload").first()
    if row is None:
        return ""
    label = labels_of(application, list(application.information_requests.all())).get(row.upload.key, row.upload.key)
    return _("%(document)s, page %(page)d, as marked") % {"document": label, "page": row.page}


def _tab(
    upload: Upload, labels: Mapping[str, str], shown: Upload | None, state: ViewState, asked_at: datetime | None
) -> DocumentTab:
    query = state.query(document=str(upload.pk), turn=0)
    new = asked_at is not None and upload.uploaded_at >= asked_at
    return DocumentTab(upload, labels.get(upload.key, upload.file_name or upload.key), upload is shown, query, new)


def _ties(
    application: Application,
    numbers: Mapping[str, int],
    labels: Mapping[str, str],
    state: ViewState,
    uploads: Sequence[Upload],
) -> dict[str, Tie]:
    kept = {upload.pk: upload for upload in uploads}
    return {
        row.key: Tie(
            numbers[row.key],
            row,
            labels.get(kept[row.upload_id].key, kept[row.upload_id].file_name),
            state.query(document=str(row.upload_id), turn=0, mark=""),
        )
        for row in application.marks.all()
        if row.key in numbers and row.upload_id in kept
    }


def _pages(upload: Upload, ties: Iterable[Tie], turn: int) -> list[PageDrawing]:
    here = [tie for tie in ties if tie.mark.upload_id == upload.pk]
    return [
        drawing_of(
            number=page.number,
            width=page.width,
            height=page.height,
            turn=turn,
            spots=[Spot(tie.number, tie.mark.x, tie.mark.y) for tie in here if tie.mark.page == page.number],
        )
        for page in upload.pages.all()
    ]
