"""The public names of voicemail boxes and of the mail server in a site file (site_keys.py)."""

from appliance.store.site_kinds import ListOf, Table, number, one_of, pattern, text, whole

_WORD = pattern(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "a name of letters, digits, - _ . (32 at most)"
)
MAIL_ADDRESS = pattern(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}",
    "an address like shop@example.com",
)
VOICEMAIL_BOX = Table(
    {
        "id": _WORD,
        "name": text(64),
        "number": pattern(r"([0-9]{1,8})?", "1 to 8 digits, dialled after *98"),
        "pin": pattern(r"[0-9]{4,8}", "4 to 8 digits", is_secret=True),
        "pin_digest": pattern(
            r"scrypt:[0-9a-f]{32}:[0-9a-f]{64}", "scrypt:salt:hash", is_secret=True
        ),
        "calendar": _WORD,
        "greeting": text(500),
        "closed_greeting": text(500),
        "greeting_prompt": text(32),
        "closed_greeting_prompt": text(32),
        "shortest_seconds": number(0.5, 30, "seconds"),
        "longest_seconds": number(10, 1800, "seconds"),
        "silence_seconds": number(0, 60, "seconds"),
        "queues": ListOf(_WORD),
        "agents": ListOf(pattern(r"[0-9]{1,8}", "1 to 8 digits, as keyed in on a phone")),
        "email": ListOf(MAIL_ADDRESS),
        "red_after_hours": number(0, 720, "hours"),
    },
    required=("id",),
)
MAIL = Table(
    {
        "server": pattern(r"[A-Za-z0-9_.:\[\]-]{1,253}", "a host name or IP address"),
        "port": whole(1, 65535),
        "security": one_of("tls", "starttls", "none"),
        "from": MAIL_ADDRESS,
        "username": text(128),
        "secret": pattern(r"[ -~]{1,128}", "1 to 128 ASCII characters", is_secret=True),
    },
    required=("server", "from"),
)
