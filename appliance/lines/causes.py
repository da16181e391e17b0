"""SIP status codes and our causes, both ways (RFC 3261 §21; meanings as carriers use them)."""

from appliance.vocabulary.lines import Cause

CAUSE_OF_STATUS: dict[int, Cause] = {
    401: Cause.FORBIDDEN,
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    407: Cause.FORBIDDEN,
    408: Cause.UNREACHABLE,
    410: Cause.NOT_FOUND,
    415: Cause.INCOMPATIBLE_AUDIO,
    480: Cause.NO_ANSWER,
    484: Cause.NOT_FOUND,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    488: Cause.INCOMPATIBLE_AUDIO,
    500: Cause.FAILURE,
    502: Cause.UNREACHABLE,
    503: Cause.CONGESTION,
    504: Cause.UNREACHABLE,
    600: Cause.BUSY,
    603: Cause.REJECTED,
    604: Cause.NOT_FOUND,
    606: Cause.INCOMPATIBLE_AUDIO,
}

STATUS_OF_CAUSE: dict[Cause, tuple[int, str]] = {
    Cause.NORMAL: (480, "Temporarily Unavailable"),
    Cause.BUSY: (486, "Busy Here"),
    Cause.NO_ANSWER: (480, "Temporarily Unavailable"),
    Cause.REJECTED: (603, "Decline"),
    Cause.UNREACHABLE: (480, "Temporarily Unavailable"),
    Cause.CANCELLED: (487, "Request Terminated"),
    Cause.NOT_FOUND: (404, "Not Found"),
    Cause.FORBIDDEN: (403, "Forbidden"),
    Cause.INCOMPATIBLE_AUDIO: (488, "Not Acceptable Here"),
    Cause.CONGESTION: (503, "Service Unavailable"),
    Cause.AUDIO_LOST: (480, "Temporarily Unavailable"),
    Cause.FAILURE: (500, "Server Internal Error"),
    Cause.ANSWERED_ELSEWHERE: (487, "Request Terminated"),
    Cause.BOX_RESTARTED: (500, "Server Internal Error"),
}


def cause_of(status: int) -> Cause:
    """Return the cause that a final failure stands for.

    A phone that answers 4xx or 6xx which the table does not have was reached and said no.
    """
    return CAUSE_OF_STATUS.get(status, Cause.FAILURE)


def reason_of(cause: Cause) -> tuple[int | None, str]:
    """Return what stands in the Reason of a CANCEL or BYE (RFC 3326): a phone that lost the race to
    another one is told so, and lists no missed call. None: a plain end needs no reason, phones
    would show it as a failure of the talk."""
    if cause is Cause.NORMAL:
        return None, ""
    if cause is Cause.ANSWERED_ELSEWHERE:
        return 200, "Call completed elsewhere"
    return status_of(cause)


def status_of(cause: Cause) -> tuple[int, str]:
    """Return what a refused caller is told."""
    return STATUS_OF_CAUSE[cause]
