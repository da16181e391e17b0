"""`python -m appliance.daemons.self_test`: an order on the input, a report on the output.

The process ends by itself at the order's last second, whatever pyVoIP's threads are doing: they
can wait for a datagram for ever.
"""

import os
import sys
import threading

import msgspec

from appliance.daemons.self_test.phone import TestPhone
from appliance.wire.self_test import PhoneOrder, PhoneReport


def main() -> None:
    """Make the call, tell, end."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=PhoneOrder)
    phone = TestPhone(order)
    late = threading.Timer(order.seconds, lambda: _end(_with(phone.report, "It took too long.")))
    late.daemon = True
    late.start()
    try:
        phone.run()
    except Exception as error:  # noqa: BLE001 - whatever pyVoIP raises is a finding, not a crash
        _end(_with(phone.report, f"The phone broke: {type(error).__name__}: {error}"))
    _end(phone.report)


def _with(report: PhoneReport, trouble: str) -> PhoneReport:
    return msgspec.structs.replace(report, trouble=report.trouble or trouble)


def _end(report: PhoneReport) -> None:
    """Tell once and be gone: pyVoIP's threads are not waited for."""
    os.write(1, msgspec.json.encode(report) + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
