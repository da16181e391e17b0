"""How much of anything a peer may send, and why just that much (design/security.md, Limits).

Every number is a refusal, never a truncation: what is over a limit is answered or dropped whole.
"""

MAX_DATAGRAM = 16 * 1024
"""Bytes of a UDP message from somebody who has not shown a password: the largest honest INVITE
seen (SDP with video and ICE) is 6 KiB; more only helps a flood."""

MAX_MESSAGE = 64 * 1024
"""Bytes of any message, head and body: a UDP datagram cannot be longer, so TCP need not be."""

MAX_HEADER_LINE = 8 * 1024
"""Characters of one header line after unfolding: RFC 4475's longest is 1 KiB, Identity 1 KiB."""

MAX_HEADER_LINES = 256
"""Header lines: a request over 70 hops that each added Via and Record-Route still fits."""

MAX_VIA = 70
"""RFC 3261 §8.1.1.6 recommends Max-Forwards 70; an honest message has no more hops behind it."""

MAX_RECORD_ROUTE = 32
"""Each becomes a Route of every later request of the dialog, so it costs us memory for a call."""

MAX_CONTACT = 20
"""A 300 with alternatives, or a REGISTER: our registrar keeps 3 for an address of record."""

MAX_PARAMETERS = 64
"""Parameters of one header value or URI; the most that was seen is 12 (RFC 3840 features)."""

MAX_AUTH_PARAMETERS = 32
"""Of one challenge or credential; RFC 7616 has 15."""

MAX_REMEMBERED = 256
"""Characters of a value whose parsed form is kept for the next message: nearly all honest ones,
and a flood of long ones cannot fill the memory with them."""

MAX_ADDRESSES_REMEMBERED = 1024
"""Texts of addresses whose kind is kept: those of all phones and trunks of a site, and a flood of
others only has the answer found again."""

MAX_INTEGER_DIGITS = 10
"""2**32 - 1 has ten; a longer string is refused before it is turned into a number."""

MAX_UINT32 = 2**32 - 1
"""CSeq and delta-seconds are 32 bits wide (RFC 3261 §8.1.1.5, §20.19)."""

MAX_SDP = 16 * 1024
"""Bytes of one session description."""

MAX_REMEMBERED_SDP = 2 * 1024
"""Bytes of a description whose parsed form is kept for a moment: all audio, no flood of memory."""

MAX_SDP_LINES = 512
"""Lines of one session description: 10 media lines with 64 payload types described each fit."""

MAX_MEDIA_LINES = 10
"""m= lines: audio, video, slides, fax and a few more; each must be answered (RFC 3264 §6)."""

MAX_PAYLOAD_TYPES = 64
"""Formats on one m= line: the static ones and every dynamic number that matters."""

MAX_MIME_PARTS = 4
"""Parts of a multipart body, depth 1: an SDP, a location, an ISUP and one to spare."""

NONCE_LIFE_S = 300.0
"""Seconds a nonce is taken for fresh: longer than a phone takes to ask its user, short enough
that a replayed credential is old."""

NONCE_COUNTS_KEPT = 4096
"""Nonces whose highest count is remembered; a flood of new ones only forgets the oldest."""
