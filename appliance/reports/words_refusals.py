"""Why a call was refused (CallBlocked.reason), in words: English, and English to (Chinese, Polish).

A reason that is none of these is shown as it is; a kind of number (engines/calls/numbering.py) is
refused as "<kind>_not_allowed".
"""

REFUSALS = {
    "no_common_codec": "no common audio format",
    "needs_srtp": "this phone's audio must be encrypted",
    "number_unknown": "number unknown",
    "trunk_full": "all lines of this trunk are busy",
    "box_full": "too many calls at once",
    "no_audio_port": "no place for its audio",
    "self_test_only": "this line is for the self-test",
    "local_not_allowed": "this phone may not dial local numbers",
    "national_not_allowed": "this phone may not dial national numbers",
    "international_not_allowed": "this phone may not dial international numbers",
    "premium_not_allowed": "this phone may not dial premium numbers",
    "invalid_not_allowed": "this is no telephone number",
}

REFUSAL_WORDS: dict[str, tuple[str, str]] = {
    "this phone's audio must be encrypted": (
        "此话机的语音必须加密",
        "dźwięk tego telefonu musi być szyfrowany",
    ),
    "all lines of this trunk are busy": (
        "该中继线路全忙",
        "wszystkie linie tego łącza są zajęte",
    ),
    "too many calls at once": ("同时通话过多", "zbyt wiele połączeń naraz"),
    "no place for its audio": ("没有可用的语音端口", "brak miejsca na dźwięk"),
    "this line is for the self-test": ("此线路仅供自检", "ta linia służy do autotestu"),
    "this phone may not dial local numbers": (
        "此话机无权拨打本地号码",
        "ten telefon nie może wybierać numerów lokalnych",
    ),
    "this phone may not dial national numbers": (
        "此话机无权拨打国内长途",
        "ten telefon nie może wybierać numerów krajowych",
    ),
    "this phone may not dial international numbers": (
        "此话机无权拨打国际号码",
        "ten telefon nie może wybierać numerów zagranicznych",
    ),
    "this phone may not dial premium numbers": (
        "此话机无权拨打收费号码",
        "ten telefon nie może wybierać numerów o podwyższonej opłacie",
    ),
    "this is no telephone number": ("这不是电话号码", "to nie jest numer telefonu"),
    "{phone} wants no calls": ("{phone} 免打扰", "{phone} nie chce połączeń"),
}
