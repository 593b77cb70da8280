"""No secret and no personal data in a log line: the filter on every handler that writes one."""

from __future__ import annotations

import logging

from brygga.core.retention import redact


class Redacted(logging.Filter):
    """Mask the message of a record, its traceback and its stack by `core.retention.redact`, and let it pass.

    It belongs on the handler: a filter on a logger does not see what the loggers below it pass on.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # Arguments that do not fit: logging would print them as they are, to standard error.
            message = f"{record.msg} (with arguments that do not fit)"
        record.msg, record.args = redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        # The formatter writes this text where it is there, and not the exception itself.
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True
