"""Numbers as Mandarin words: digit by digit, and as cardinals with 二 and 两 where each belongs.

Rules after 《现代汉语八百词》 (两 before measure words, 千, 万 and 亿; 二 before 十 and 百) and the
practice of switchboards (幺 for 1 where digits are read one by one).
"""

DIGITS = "零一二三四五六七八九"


def digits_zh(digits: str, one: str = "幺") -> str:
    """Return each digit's word: "1001" becomes "幺零零幺". Other characters are left out."""
    return "".join(
        one if d == "1" else DIGITS[int(d)] for d in digits if d.isascii() and d.isdigit()
    )


def cardinal_zh(number: int, measured: bool = False) -> str:
    """Return the cardinal; `measured` says that a measure word follows (2 becomes 两).

    Units: 0 <= number < 10**12. 10 is 十, 110 is 一百一十, 2005 is 两千零五, 20000 is 两万.
    """
    if number == 2 and measured:
        return "两"
    words = ""
    rest = number
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        high, rest = divmod(rest, size)
        if high:
            words += ("两" if high == 2 else _group(high)) + unit
            if 0 < rest < size // 10:
                words += "零"
    if rest or not words:
        words += _group(rest)
    if words.startswith("一十"):
        words = words[1:]
    return words


def _group(number: int) -> str:
    """Return 0 to 9999 in words, 10 as 一十."""
    if number == 0:
        return DIGITS[0]
    words = ""
    gap = False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit == 0:
            gap = bool(words)
            continue
        if gap:
            words += "零"
            gap = False
        words += ("两" if digit == 2 and size == 1000 else DIGITS[digit]) + unit
    return words


def decimal_zh(number: str) -> str:
    """Return "3.50" as 三点五零."""
    whole, _, fraction = number.partition(".")
    words = cardinal_zh(int(whole))
    return words + "点" + digits_zh(fraction, one="一") if fraction else words
