"""Log lines are JSON and carry ids, never personal data.

Local variables stay out of tracebacks: they would print PINs and passwords. Addresses are written without what
opens something (links in mails) and without what people search for.
"""

import re
from typing import Any

import structlog
from structlog.types import EventDict, Processor

# The part of a path that opens something: delivery, invitation, confirmation of an address, new password.
_OPENERS = re.compile(r"(/(?:delivery|join|for-me|confirm-email|reset/key)/)[^/?\s]+")
_SEARCHES = re.compile(r"\?\S*")


def without_secrets(path: str) -> str:
    """Return an address as it may be kept: links that open something and queries are cut out."""
    return _SEARCHES.sub("?…", _OPENERS.sub(r"\1…", path))


def _hide(_logger: Any, _name: str, line: EventDict) -> EventDict:
    request = line.get("request")
    if isinstance(request, str):
        line["request"] = without_secrets(request)
    return line


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    _hide,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
]


def logging_config() -> dict[str, Any]:
    """Return the dictConfig of every process: one JSON object a line on standard error."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        # Says at every import that it can log.
        "loggers": {"pikepdf": {"level": "WARNING"}},
    }
