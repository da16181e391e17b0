"""Numbers, amounts, dates and times in Mandarin, as pieces that are spoken one after the other.

二 and 两 after 《现代汉语八百词》 (两 before 元, 角, 分, 点, 千, 万, 亿; 二 elsewhere); 零 where a
unit is left out; 元角分 with 零 before the 分 when there is no 角 (so it is written on cheques and
read: 《正确填写票据和结算凭证的基本规定》); the year digit by digit.
"""

from datetime import date, time

from appliance.speech.numerals_zh import DIGITS, cardinal_zh, digits_zh
from appliance.speech.say_pieces import Amount, Pieces

_CURRENCIES = {"PLN": "兹罗提", "USD": "美元", "EUR": "欧元", "GBP": "英镑"}


def number_zh(whole: int, fraction: str) -> Pieces:
    """Return the pieces of a number: 2005 is 两千 零五, 3.14 is 三 点 一 四."""
    found = _cardinal(whole)
    return (*found, *_decimals(fraction)) if fraction else found


def digits_pieces_zh(pair: str) -> str:
    """Return one or two digits, 幺 for 1."""
    return digits_zh(pair)


def amount_zh(amount: Amount) -> Pieces:
    """Return the pieces of an amount: 12.05 元 is 十二 元 零五分, 2 is 两元."""
    name = _CURRENCIES.get(amount.currency)
    if name is not None:
        return _foreign(amount, name)
    tens, ones = divmod(amount.cents, 10)
    found: Pieces = ()
    if amount.whole or not amount.cents:
        found = ("两元",) if amount.whole == 2 else (*_cardinal(amount.whole), "元")
    if tens:
        found += (_measured(tens) + "角",)
    if ones:
        is_after = bool(amount.whole) and not tens
        word = DIGITS[ones] if found else _measured(ones)
        found += (("零" if is_after else "") + word + "分",)
    return found


def date_zh(day: date) -> Pieces:
    """Return the pieces of a date: 二零二六年 十月 八日."""
    return (_year(day.year), f"{cardinal_zh(day.month)}月", f"{cardinal_zh(day.day)}日")


def time_zh(clock: time) -> Pieces:
    """Return the pieces of a time of day: 九点, 九点 零五分, 两点 三十分."""
    hour = f"{cardinal_zh(clock.hour, measured=True)}点"
    return (hour,) if clock.minute == 0 else (hour, _minute(clock.minute))


def vocabulary_zh(years: range) -> Pieces:
    """Return every piece that the functions of this file can name, years as given."""
    numbers = [
        *DIGITS,
        *(cardinal_zh(number) for number in range(10, 100)),
        *(f"一十{ones}" for ones in ("", *DIGITS[1:])),
        *(f"零{digit}" for digit in DIGITS[1:]),
        *(f"{digit}百" for digit in DIGITS[1:]),
        *(f"{'两' if digit == '二' else digit}千" for digit in DIGITS[1:]),
        *("零", "万", "亿", "两万", "两亿", "点"),
    ]
    money = [
        *("元", "两元", *(f"两{name}" for name in _CURRENCIES.values()), *_CURRENCIES.values()),
        *(f"{_measured(digit)}角" for digit in range(1, 10)),
        *(f"{DIGITS[digit]}分" for digit in range(1, 10)),
        *(f"零{DIGITS[digit]}分" for digit in range(1, 10)),
        "两分",
    ]
    days = [
        *(_year(year) for year in years),
        *(f"{cardinal_zh(month)}月" for month in range(1, 13)),
        *(f"{cardinal_zh(day)}日" for day in range(1, 32)),
        *(f"{cardinal_zh(hour, measured=True)}点" for hour in range(24)),
        *(_minute(minute) for minute in range(1, 60)),
    ]
    return tuple(dict.fromkeys([*numbers, *money, *days]))


def _cardinal(number: int) -> Pieces:
    found: Pieces = ()
    rest = number
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        high, rest = divmod(rest, size)
        if high:
            found += (f"两{unit}",) if high == 2 else (*_group(high, bool(found)), unit)
            if 0 < rest < size // 10:
                return (*found, *_after_gap(rest))
    return (*found, *_group(rest, bool(found))) if rest or not found else found


def _after_gap(rest: int) -> Pieces:
    """What follows a place that is left out: 零 and the rest."""
    if rest < 10:
        return (f"零{DIGITS[rest]}",)
    if rest >= 10**4:
        # a gap between 亿 and 万
        high, low = divmod(rest, 10**4)
        tail = _after_gap(low) if 0 < low < 1000 else _group(low, True) if low else ()
        if high == 2:
            return ("零", "两万", *tail)
        head = (f"零{DIGITS[high]}",) if high < 10 else ("零", *_group(high, True))
        return (*head, "万", *tail)
    return ("零", *_group(rest, True))


def _group(number: int, is_after: bool) -> Pieces:
    """Return 0 to 9999; `is_after`: higher places were said, so that 10 is 一十."""
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    found: Pieces = ()
    if thousands:
        found += (f"{_measured(thousands)}千",)
    if hundreds:
        found += (f"{DIGITS[hundreds]}百",)
    if not rest:
        return found or (DIGITS[0],)
    if thousands and not hundreds:
        return (*found, *_after_gap(rest))
    if rest < 10:
        return (*found, f"零{DIGITS[rest]}") if found else (DIGITS[rest],)
    words = cardinal_zh(rest)
    return (*found, f"一{words}" if rest < 20 and (found or is_after) else words)


def _measured(digit: int) -> str:
    return "两" if digit == 2 else DIGITS[digit]


def _decimals(fraction: str) -> Pieces:
    return ("点", *digits_zh(fraction, one="一"))


def _foreign(amount: Amount, name: str) -> Pieces:
    fraction = f"{amount.cents:02}".rstrip("0")
    if not fraction:
        return (f"两{name}",) if amount.whole == 2 else (*_cardinal(amount.whole), name)
    return (*number_zh(amount.whole, fraction), name)


def _year(year: int) -> str:
    return digits_zh(str(year), one="一") + "年"


def _minute(minute: int) -> str:
    return f"{'零' if minute < 10 else ''}{cardinal_zh(minute)}分"
