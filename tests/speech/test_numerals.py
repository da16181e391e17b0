"""Cardinals: every number up to a thousand has its own words, and the hard ones are right."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.numerals_en import cardinal_en
from appliance.speech.numerals_pl import cardinal_pl, hour_pl, plural_pl
from appliance.speech.numerals_zh import cardinal_zh, decimal_zh, digits_zh

_ZH_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"两": 2}
_ZH_SIZES = {"十": 10, "百": 100, "千": 1000}


def heard_zh(words: str) -> int:
    """Read a Mandarin cardinal back, by rules of its own."""
    total = group = digit = 0
    for sign in words:
        if sign in _ZH_DIGITS:
            digit = _ZH_DIGITS[sign]
        elif sign in _ZH_SIZES:
            group += (digit or 1) * _ZH_SIZES[sign]
            digit = 0
        else:
            total += (group + digit) * {"万": 10**4, "亿": 10**8}[sign]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**12 - 1))
def test_a_mandarin_cardinal_is_heard_as_the_number_it_was(number: int) -> None:
    assert heard_zh(cardinal_zh(number)) == number


def test_two_is_liang_where_things_are_counted() -> None:
    assert cardinal_zh(2, measured=True) == "两"
    assert cardinal_zh(2) == "二"
    assert cardinal_zh(12, measured=True) == "十二"
    assert cardinal_zh(20000) == "两万"
    assert cardinal_zh(10010) == "一万零一十"
    assert decimal_zh("3.14") == "三点一四"
    assert digits_zh("0-1-2") == "零幺二"


def test_numbers_up_to_ten_thousand_differ_in_every_language() -> None:
    for cardinal in (cardinal_zh, cardinal_en, cardinal_pl):
        assert len({cardinal(number) for number in range(10000)}) == 10000


def test_english_says_and() -> None:
    assert cardinal_en(101) == "one hundred and one"
    assert cardinal_en(1001) == "one thousand and one"
    assert cardinal_en(1_200_000) == "one million two hundred thousand"


def test_polish_forms() -> None:
    assert cardinal_pl(1000) == "tysiąc"
    assert cardinal_pl(5000) == "pięć tysięcy"
    assert cardinal_pl(2_000_017) == "dwa miliony siedemnaście"
    assert cardinal_pl(42, feminine=True) == "czterdzieści dwie"
    assert [plural_pl(n) for n in (1, 2, 5, 12, 22, 25, 101)] == [0, 1, 2, 2, 1, 2, 2]
    assert hour_pl(23, genitive=True) == "dwudziestej trzeciej"
