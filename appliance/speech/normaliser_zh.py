"""Mandarin: which figures are read digit by digit, which as cardinals, and where 2 is 两.

Numbers that name something (工号, phones, anything of five digits or more) are read one by one
with 幺 for 1; keys to press one by one with 一; numbers that count are cardinals.
"""

import re

from appliance.speech.numerals_zh import cardinal_zh, decimal_zh, digits_zh
from appliance.speech.rules import reworded, rule

_MEASURES = (
    "位|个|分钟|点|次|天|人|小时|秒|元|块|名|件|单|条|通|年|周|台|家|份|倍|毛|角|公里|米|公斤|岁"
)
_NAMES = "工号|分机|分机号|电话|热线|号码|拨打|请拨|尾号|编号|单号|订单|验证码|密码|手机|客服|转"
_YEN = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元"}


def speakable_zh(text: str) -> str:
    """Return `text` in characters only; punctuation and Latin letters stay."""
    return reworded(text, _RULES)


def _named(match: re.Match[str]) -> str:
    return match[1] + digits_zh(match[2])


def _pressed(match: re.Match[str]) -> str:
    return match[1] + digits_zh(match[2], one="一")


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    words = cardinal_zh(hour, measured=True) + "点"
    if minute == 0:
        return words
    return words + ("零" if minute < 10 else "") + cardinal_zh(minute) + "分"


def _date(match: re.Match[str]) -> str:
    year = digits_zh(match[1], one="一")
    return f"{year}年{cardinal_zh(int(match[2]))}月{cardinal_zh(int(match[3]))}日"


def _money(match: re.Match[str]) -> str:
    return _number(match[2], measured=True) + _YEN[match[1]]


def _counted(match: re.Match[str]) -> str:
    return _number(match[1], measured=True) + match[2]


def _number(figures: str, measured: bool = False) -> str:
    figures = figures.replace(",", "").replace("，", "")
    if "." in figures:
        return decimal_zh(figures)
    if len(figures) > 12:
        return digits_zh(figures)
    return cardinal_zh(int(figures), measured)


_RULES = (
    rule(r"\{digits:([^}]*)\}", lambda m: digits_zh(m[1])),
    rule(r"\+86[- ]?(\d[\d -]*\d)", lambda m: digits_zh(m[1])),
    rule(
        r"(?<!\d)\d{3,4}-\d{3,4}-?\d{3,4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)",
        lambda m: digits_zh(m[0]),
    ),
    rule(r"(?<=[按键选])\s*[*＊](?:号?键)?|[*＊]号?键", lambda m: "星号键"),
    rule(r"(?<=[按键选])\s*[#＃](?:号?键)?|[#＃]号?键", lambda m: "井号键"),
    rule(r"[*＊]号?", lambda m: "星号"),
    rule(r"[#＃]号?", lambda m: "井号"),
    rule(r"(按键?|键|选择?|拨)\s*(\d{1,4})(?!\d)", _pressed),
    rule(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?(?!\d)", _date),
    rule(r"(\d{4})(?=年)", lambda m: digits_zh(m[1], one="一")),
    rule(r"(?<!\d)(\d{1,2})[:：](\d{2})(?:[:：]00)?(?!\d)", _clock),
    rule(r"(?<=[点分日月年\d])\s*[-–—~～至]\s*(?=[\d零一二两三四五六七八九十])", lambda m: "到"),
    rule(rf"((?:{_NAMES})[是为：:\s]{{0,2}})(\d[\d -]*\d|\d)", _named),
    rule(r"第(\d{1,4})", lambda m: "第" + cardinal_zh(int(m[1]))),
    rule(r"(\d+(?:\.\d+)?)\s*[%％]", lambda m: "百分之" + _number(m[1])),
    rule(r"([¥￥$€])\s*(\d[\d,]*(?:\.\d+)?)", _money),
    rule(rf"(?<![\d.])(?!0\d)(\d[\d,]*(?:\.\d+)?)\s*({_MEASURES})(?!的?号码)", _counted),
    rule(r"\d{5,}|(?<!\d)0\d+", lambda m: digits_zh(m[0])),
    rule(r"\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d+", lambda m: _number(m[0])),
)
