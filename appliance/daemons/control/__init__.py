"""linghe-control: SIP sockets, calls, queues; the only writer of calls.db."""
