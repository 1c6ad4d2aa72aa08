"""Stops reading a file that is too large while it streams in (faults: 50 MB uploads)."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from applications.rules.uploads import MAX_BYTES
from regulations.services.contract_files import MOST_BYTES

# Pages that take larger files than the documents of an application.
LIMITS = {"applications:contract_files": MOST_BYTES}


class LimitedUpload(FileUploadHandler):
    """Lets at most 10 MB of each file, or what its page takes, through to the handlers behind it.

    The fields of the form stay, so that nothing typed is lost.
    The names of the skipped files' inputs stand on the request as `files_too_large`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        self.received, self.limit = 0, LIMITS.get(match.view_name if match else "", MAX_BYTES)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a chunk on, or skip the rest of the file."""
        self.received += len(raw_data)
        if self.received > self.limit:
            refused: set[str] = getattr(self.request, "files_too_large", set())
            self.request.files_too_large = refused | {self.field_name or ""}  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind this one."""
