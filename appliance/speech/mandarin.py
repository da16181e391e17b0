"""Pinyin syllables as the phonemes that Kokoro's Mandarin voices were trained on.

Source of the values: IPA for Standard Chinese (Duanmu, The Phonology of Standard Chinese, 2007),
in the notation of the model's vocabulary: one sign for each affricate, an arrow after the nucleus
for the tone, ɨ for the apical vowels. Tones are those of the dictionary: the voices learned
third-tone sandhi and 一/不 by themselves from text written so.
"""

_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ",
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0",
    "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ", "er": "ɚ0", "ê": "ɛ0",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0",
    "in": "i0n", "ing": "i0ŋ", "iong": "jʊ0ŋ", "iu": "jou0", "io": "jɔ0",
    "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0",
    "u": "u0", "ua": "wa0", "uai": "wai0", "uan": "wa0n", "uang": "wa0ŋ", "ueng": "wə0ŋ",
    "ui": "wei0", "un": "wə0n", "uo": "wo0",
    "ü": "y0", "üan": "ɥɛ0n", "üe": "ɥe0", "ün": "y0n",
}  # fmt: skip
"""0 stands where the tone's arrow goes."""
_WHOLE = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in",
    "ying": "ing", "yong": "iong", "you": "iu", "yo": "io", "yu": "ü", "yuan": "üan", "yue": "üe",
    "yun": "ün", "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang",
    "weng": "ueng", "wei": "ui", "wen": "un", "wo": "uo",
}  # fmt: skip
"""Syllables without initial, as pinyin spells them, and the final they are."""
_INTERJECTIONS = {"o": "ɔ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0"}
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_PUNCTUATION = str.maketrans(
    {
        "，": ", ", "、": ", ", "。": ". ", "．": ". ", "！": "! ", "？": "? ", "：": ": ",
        "；": "; ", "（": " (", "）": ") ", "“": " “", "”": "” ", "《": " “", "》": "” ",
        "「": " “", "」": "” ", "【": " “", "】": "” ", "…": "… ", "—": "— ",
    }
)  # fmt: skip
_LETTERS = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi",
    "h": "ˈAʧ", "i": "ˈI", "j": "ʤˈA", "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn",
    "o": "ˈO", "p": "pˈi", "q": "kjˈu", "r": "ˈɑɹ", "s": "ˈɛs", "t": "tˈi", "u": "jˈu",
    "v": "vˈi", "w": "dˈʌbᵊlju", "x": "ˈɛks", "y": "wˈI", "z": "zˈi",
}  # fmt: skip
"""English names of letters: how Chinese speakers say VIP or APP."""

WORDS = (
    "工号", "坐席", "座席", "签入", "签出", "示忙", "示闲", "话后整理", "话机", "按键", "挂机",
    "星号键", "井号键", "星号", "井号", "人工服务", "转人工", "非工作时间", "工作时间", "提示音",
    "功能码", "报修", "售后", "查号", "分机", "外线", "留言", "录音", "来电", "请按", "致电",
)  # fmt: skip
"""Words of telephony that a general dictionary cuts wrongly (是非|工作, 先签|入)."""
READINGS = {
    "重听": "chong2 ting1",
    "重拨": "chong2 bo1",
    "重播": "chong2 bo1",
    "重按": "chong2 an4",
    "重输": "chong2 shu1",
    "转接": "zhuan3 jie1",
    "转人工": "zhuan3 ren2 gong1",
    "传真": "chuan2 zhen1",
    "分机": "fen1 ji1",
}
"""Words whose characters have several readings, as said on the telephone."""


def syllable_phonemes(pinyin: str) -> str:
    """Return one syllable's phonemes; tone as a figure at the end: "zhong1" is "ꭧʊ→ŋ".

    Raises KeyError for what is no syllable of Standard Chinese.
    """
    plain, tone = pinyin[:-1], _TONES[pinyin[-1]]
    plain = plain.replace("v", "ü").replace("u:", "ü")
    if plain in _INTERJECTIONS:
        return _INTERJECTIONS[plain].replace("0", tone)
    if plain in _WHOLE:
        return _FINALS[_WHOLE[plain]].replace("0", tone)
    initial = plain[:2] if plain[1:2] == "h" else plain[:1]
    if initial not in _INITIALS:
        return _FINALS[plain].replace("0", tone)
    return _INITIALS[initial] + _final(initial, plain[len(initial) :]).replace("0", tone)


def letters_phonemes(word: str) -> str:
    """Return a Latin word spelled letter by letter."""
    return " ".join(_LETTERS[letter] for letter in word.lower() if letter in _LETTERS)


def punctuation(text: str) -> str:
    """Return Chinese punctuation as the model's own."""
    return text.translate(_PUNCTUATION)


def _final(initial: str, final: str) -> str:
    if final == "i":
        if initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
            return "ɨ0"
    elif initial in ("j", "q", "x") and final.startswith("u"):
        final = "ü" + final[1:]
    return _FINALS[final]
