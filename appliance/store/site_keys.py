"""The public names of a site file and what may stand behind each: one table, as data.

Values only; whether what they name exists is site_check's business. Names may be added here,
never renamed: people's files carry them.
"""

from appliance.store.site_keys_customers import CALLBACK, SURVEY
from appliance.store.site_keys_messages import MAIL, VOICEMAIL_BOX
from appliance.store.site_kinds import (
    ADDRESS,
    ANYTHING,
    CERTIFICATE,
    DATE,
    TRUTH,
    ListOf,
    MapOf,
    Table,
    number,
    one_of,
    pattern,
    text,
    web_address,
    whole,
)
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.public_events import PUBLIC_EVENTS
from appliance.vocabulary.settings import Country, Language, TalkCodes

WORD = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "a name of letters, digits, - _ . (32 at most)")
DIALLED = pattern(r"[0-9]{2,8}", "2 to 8 digits")
AGENT_ID = pattern(r"[0-9]{1,8}", "1 to 8 digits, as keyed in on a phone")
NODE = pattern(r"\S{1,64}", "a name without spaces (64 characters at most)")
CLASSES = one_of("local", "national", "international", "premium")
HA1_MD5 = pattern(r"[0-9a-f]{32}", "32 hexadecimal digits", is_secret=True)
HA1_SHA256 = pattern(r"[0-9a-f]{64}", "64 hexadecimal digits", is_secret=True)
PIN_DIGEST = pattern(r"scrypt:[0-9a-f]{32}:[0-9a-f]{64}", "scrypt:salt:hash", is_secret=True)
HOST = pattern(r"[A-Za-z0-9_.:\[\]-]{1,253}", "a host name or IP address")
TARGET = pattern(r"\+?[0-9]{0,32}", "an extension or a number as the phone would dial it")
CALLER_NUMBER = pattern(r"\+?[0-9]{0,32}", "digits, with or without + before them")
EXTENSION = Table(
    {
        "number": DIALLED,
        "name": text(64),
        "secret": pattern(r"[ -~]{8,128}", "8 to 128 ASCII characters", is_secret=True),
        "ha1_md5": HA1_MD5,
        "ha1_sha256": HA1_SHA256,
        "language": one_of(*Language),
        "may_dial": ListOf(CLASSES),
        "forward_always": TARGET,
        "forward_busy": TARGET,
        "forward_no_answer": TARGET,
        "forward_unreachable": TARGET,
        "forward_after_seconds": number(3, 300, "seconds"),
        "do_not_disturb": TRUTH,
        "call_waiting": TRUTH,
        "srtp": TRUTH,
        "pickup_group": WORD,
        "voicemail_box": WORD,
        "caller_number": CALLER_NUMBER,
        "spell": pattern(r"[A-Za-z ]{0,64}", "letters and blanks (64 at most)"),
        "listed": TRUTH,
        "codecs": ListOf(one_of(*Codec)),
        "keys": one_of("auto", "info"),
    },
    required=("number",),
)
AGENT = Table(
    {
        "id": AGENT_ID,
        "name": text(64),
        "extension": DIALLED,
        "pin": pattern(r"[0-9]{3,8}", "3 to 8 digits", is_secret=True),
        "pin_digest": PIN_DIGEST,
        "signed_in": TRUTH,
        "role": one_of("agent", "supervisor"),
        "skills": MapOf(WORD, whole(0, 100)),
        "break_minutes": MapOf(pattern(r"[0-9]", "a reason, 0 to 9"), number(0, 720, "minutes")),
    },
    required=("id",),
)
OVERFLOW = Table(
    {
        "to": one_of("voicemail", "extension", "flow", "queue", "hangup", "number"),
        "number": pattern(r"\+?[0-9]{0,32}", "a number as a phone would dial it"),
        "box": WORD,
        "extension": DIALLED,
        "flow": WORD,
        "queue": WORD,
    }
)
QUEUE = Table(
    {
        "id": WORD,
        "name": text(64),
        "agents": ListOf(AGENT_ID),
        "strategy": WORD,
        "ring_seconds": number(3, 300, "seconds"),
        "wrap_up_seconds": number(0, 3600, "seconds"),
        "max_wait_seconds": number(1, 86400, "seconds"),
        "max_waiting": whole(0, 10000),
        "announce_position_seconds": number(0, 3600, "seconds"),
        "announce_wait": TRUTH,
        "comfort": ListOf(text(300)),
        "comfort_prompts": ListOf(text(32)),
        "comfort_seconds": number(10, 3600, "seconds"),
        "whisper": text(100),
        "whisper_prompt": text(32),
        "overflow": OVERFLOW,
        "overflow_full": OVERFLOW,
        "overflow_no_agent": OVERFLOW,
        "overflow_when_unstaffed": TRUTH,
        "service_level": Table(
            {
                "seconds": number(0, 3600, "seconds"),
                "target": number(0, 100, "per cent"),
                "variant": whole(1, 6),
                "short_abandon_seconds": number(0, 3600, "seconds"),
            }
        ),
        "record": TRUTH,
        "announce_agent": TRUTH,
        "miss_limit": whole(0, 100),
        "reject_pause_seconds": number(0, 3600, "seconds"),
        "music": text(32),
        "number": pattern(r"([0-9]{2,8})?", "2 to 8 digits"),
        "weight": number(0.1, 10),
        "priority_seconds": number(0, 3600, "seconds"),
        "vip_numbers": ListOf(pattern(r"\+?[0-9]{1,32}", "digits, with or without + before them")),
        "vip_credit_seconds": number(0, 3600, "seconds"),
        "vip_agents": ListOf(AGENT_ID),
        "penalties": MapOf(AGENT_ID, whole(0, 100)),
        "agent_weights": MapOf(AGENT_ID, number(0.01, 100)),
        "skills": MapOf(WORD, whole(0, 100)),
        "relax_after_seconds": number(0, 3600, "seconds"),
        "relax_by": whole(1, 100),
        "last_agent_days": number(0, 400, "days"),
        "callback": CALLBACK,
        "survey": WORD,
    },
    required=("id",),
)
TRUNK = Table(
    {
        "id": WORD,
        "kind": one_of("sip"),
        "host": HOST,
        "port": whole(1, 65535),
        "transport": one_of("udp", "tcp", "tls", "auto"),
        "certificate": CERTIFICATE,
        "register": TRUTH,
        "username": text(128),
        "secret": pattern(r"[ -~]{1,128}", "1 to 128 ASCII characters", is_secret=True),
        "realm": text(128),
        "trusted_addresses": ListOf(ADDRESS),
        "codecs": ListOf(one_of(*Codec)),
        "channels": whole(1, 10000),
        "watch": TRUTH,
        "srtp": TRUTH,
        "caller_number": CALLER_NUMBER,
        "identity": one_of("from", "pai", "rpid"),
        "keys": one_of("auto", "info"),
        "number_form": one_of("dialled", "national", "e164", "plus"),
    },
    required=("id", "host"),
)
WEBHOOK = Table(
    {
        "id": WORD,
        "url": web_address(
            r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?([/?][!-\"$-~]{0,1000})?",
            "an address like https://crm.example/calls, without user name or #",
        ),
        "events": ListOf(one_of(*PUBLIC_EVENTS)),
        "secret": pattern(r"[ -~]{16,128}", "16 to 128 ASCII characters", is_secret=True),
        "enabled": TRUTH,
    },
    required=("id", "url"),
)
LOOKUP_TABLE = Table(
    {"id": WORD, "key": text(64), "query": text(2000)},
    required=("id", "key"),
)
SERVICE = Table(
    {
        "id": WORD,
        "url": web_address(
            r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?(/[!-\"$->@-~]{0,1000})?",
            "an address like https://crm.example/api/, without user name, ? or #",
        ),
        "header": pattern(r"[A-Za-z0-9-]{1,64}", "the name of an HTTP header"),
        "secret": pattern(r"[ -~]{1,1000}", "1 to 1000 ASCII characters", is_secret=True),
    },
    required=("id", "url"),
)
RING_GROUP = Table(
    {
        "id": WORD,
        "number": DIALLED,
        "name": text(64),
        "members": ListOf(DIALLED),
        "strategy": one_of("ring_all", "in_order", "round_robin"),
        "ring_seconds": number(3, 300, "seconds"),
        "otherwise": OVERFLOW,
    },
    required=("id", "number", "members"),
)
PARKING = Table(
    {
        "number": DIALLED,
        "slots": pattern(r"[0-9]{2,8}-[0-9]{2,8}", 'the first and the last place, as "701-705"'),
        "return_seconds": number(10, 3600, "seconds"),
    }
)
TALK_CODE = pattern(r"[*#][0-9*#]{1,3}", "* or # and up to three keys more")
TALK_CODES = Table(dict.fromkeys(TalkCodes.__struct_fields__, TALK_CODE))
EMERGENCY_MODE = Table(
    {
        "flow": WORD,
        "pin": pattern(r"[0-9]{3,8}", "3 to 8 digits", is_secret=True),
        "pin_digest": PIN_DIGEST,
    },
    required=("flow",),
)
PROMPT_RECORDING = Table(
    {
        "pin": pattern(r"[0-9]{3,8}", "3 to 8 digits", is_secret=True),
        "pin_digest": PIN_DIGEST,
        "numbers": MapOf(pattern(r"[0-9]{1,4}", "1 to 4 digits"), text(32)),
    }
)
SITE = Table(
    {
        "site": Table(
            {
                "name": text(128),
                "language": one_of(*Language),
                "timezone": pattern(r"[A-Za-z0-9_+/-]{1,64}", 'a time zone as "Asia/Shanghai"'),
                "country": one_of(*Country),
                "music": text(32),
                "watch_phones": TRUTH,
                "area_code": pattern(r"[0-9]{0,6}", 'digits with the trunk prefix, as "021"'),
            }
        ),
        "extension": ListOf(EXTENSION),
        "agent": ListOf(AGENT),
        "queue": ListOf(QUEUE),
        "trunk": ListOf(TRUNK),
        "flow": ListOf(
            Table(
                {
                    "id": WORD,
                    "start": NODE,
                    "language": one_of(*Language),
                    "node": MapOf(NODE, MapOf(ANYTHING, ANYTHING)),
                },
                required=("id", "start"),
            )
        ),
        "calendar": ListOf(
            Table(
                {
                    "id": WORD,
                    "open": ListOf(
                        Table(
                            {"days": text(64), "from": text(8), "to": text(8)},
                            required=("days", "from", "to"),
                        )
                    ),
                    "holidays": one_of("", *Country),
                    "closed_dates": ListOf(DATE),
                    "open_dates": ListOf(DATE),
                },
                required=("id",),
            )
        ),
        "route": ListOf(
            Table(
                {
                    "trunk": WORD,
                    "number": pattern(r"\*|\+?[0-9]{1,32}", 'digits, or "*" for any number'),
                    "flow": WORD,
                },
                required=("trunk", "number", "flow"),
            )
        ),
        "outbound": ListOf(
            Table(
                {
                    "prefix": pattern(r"\+?[0-9]{0,16}", "digits"),
                    "strip": whole(0, 16),
                    "trunks": ListOf(WORD),
                    "allow": ListOf(CLASSES),
                },
                required=("prefix",),
            )
        ),
        "ring_group": ListOf(RING_GROUP),
        "parking": PARKING,
        "talk_codes": TALK_CODES,
        "emergency_mode": EMERGENCY_MODE,
        "voicemail_box": ListOf(VOICEMAIL_BOX),
        "mail": MAIL,
        "prompt_recording": PROMPT_RECORDING,
        "webhook": ListOf(WEBHOOK),
        "survey": ListOf(SURVEY),
        "table": ListOf(LOOKUP_TABLE),
        "service": ListOf(SERVICE),
    }
)
