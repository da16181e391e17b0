"""Names of a site file for callbacks and surveys. Names may be added here, never renamed."""

from appliance.store.site_kinds import TRUTH, Table, number, pattern, text, whole

NAME = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "a name of letters, digits, - _ . (32 at most)")
CALLBACK = Table(
    {
        "key": pattern(r"[0-9#]", "one key of a phone, 0 to 9 or #"),
        "offer_after_seconds": number(0, 3600, "seconds"),
        "calendar": NAME,
        "max_tries": whole(1, 20),
        "between_minutes": number(1, 1440, "minutes"),
        "days": number(0.04, 31, "days"),
        "other_number": TRUTH,
        "ring_seconds": number(5, 120, "seconds"),
    }
)
SURVEY = Table(
    {
        "id": NAME,
        "text": text(300),
        "thanks": text(300),
        "min_talk_seconds": number(0, 3600, "seconds"),
        "not_again_hours": number(0, 8760, "hours"),
        "reason_from": whole(0, 3),
        "reason_text": text(300),
        "reason_seconds": number(3, 180, "seconds"),
    },
    required=("id",),
)
