"""Values in words, by rule: a table for each kind and language, and whatever value may come."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.composed import clips_of
from appliance.speech.numerals_en import cardinal_en
from appliance.speech.numerals_pl import cardinal_pl
from appliance.speech.numerals_zh import cardinal_zh
from appliance.speech.say import YEARS, pieces, said, vocabulary
from appliance.speech.say_en import ordinal_en, year_en
from appliance.speech.say_pl import year_pl
from appliance.vocabulary.say import CURRENCIES, SayKind, can_be_said
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import Utterance

ZH, EN, PL = Language.ZH, Language.EN, Language.PL


@pytest.mark.parametrize(
    ("value", "zh", "en", "pl"),
    [
        ("0", "零", "zero", "zero"),
        ("2", "二", "two", "dwa"),
        ("10", "十", "ten", "dziesięć"),
        ("12", "十二", "twelve", "dwanaście"),
        ("22", "二十二", "twenty-two", "dwadzieścia dwa"),
        ("101", "一百零一", "one hundred and one", "sto jeden"),
        ("110", "一百一十", "one hundred and ten", "sto dziesięć"),
        ("200", "二百", "two hundred", "dwieście"),
        ("1000", "一千", "one thousand", "tysiąc"),
        ("2000", "两千", "two thousand", "dwa tysiące"),
        ("2005", "两千零五", "two thousand and five", "dwa tysiące pięć"),
        ("5010", "五千零一十", "five thousand and ten", "pięć tysięcy dziesięć"),
        ("20000", "两万", "twenty thousand", "dwadzieścia tysięcy"),
        ("22022", "两万两千零二十二", "twenty-two thousand and twenty-two",
         "dwadzieścia dwa tysiące dwadzieścia dwa"),
        ("100200", "十万零二百", "one hundred thousand two hundred", "sto tysięcy dwieście"),
        ("2000000", "二百万", "two million", "dwa miliony"),
        ("5000000", "五百万", "five million", "pięć milionów"),
        ("200000000", "两亿", "two hundred million", "dwieście milionów"),
        ("100010000", "一亿零一万", "one hundred million ten thousand",
         "sto milionów dziesięć tysięcy"),
        ("-3", "负三", "minus three", "minus trzy"),
        ("3.14", "三点一四", "three point one four", "trzy przecinek jeden cztery"),
        ("0.05", "零点零五", "zero point zero five", "zero przecinek zero pięć"),
    ],
)  # fmt: skip
def test_numbers(value: str, zh: str, en: str, pl: str) -> None:
    assert [said(SayKind.NUMBER, value, one) for one in (ZH, EN, PL)] == [zh, en, pl]


@pytest.mark.parametrize(
    ("value", "zh", "en", "pl"),
    [
        ("1001", "幺零零幺", "one zero zero one", "jeden zero zero jeden"),
        ("801", "八零幺", "eight zero one", "osiem zero jeden"),
        ("138 0013", "幺三八零零幺三", "one three eight zero zero one three",
         "jeden trzy osiem zero zero jeden trzy"),
        ("+48-22", "四八二二", "four eight two two", "cztery osiem dwa dwa"),
    ],
)  # fmt: skip
def test_digits(value: str, zh: str, en: str, pl: str) -> None:
    assert [said(SayKind.DIGITS, value, one) for one in (ZH, EN, PL)] == [zh, en, pl]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "零元"),
        ("2", "两元"),
        ("12", "十二元"),
        ("100", "一百元"),
        ("0.05", "五分"),
        ("0.02", "两分"),
        ("0.20", "两角"),
        ("2.22", "两元两角二分"),
        ("12.05", "十二元零五分"),
        ("12.50", "十二元五角"),
        ("12.5", "十二元五角"),
        ("105.67", "一百零五元六角七分"),
        ("20000", "两万元"),
    ],
)
def test_yuan_in_chinese(value: str, words: str) -> None:
    assert said(SayKind.AMOUNT, value, ZH) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1", "jeden złoty"),
        ("2", "dwa złote"),
        ("4", "cztery złote"),
        ("5", "pięć złotych"),
        ("12", "dwanaście złotych"),
        ("14", "czternaście złotych"),
        ("21", "dwadzieścia jeden złotych"),
        ("22", "dwadzieścia dwa złote"),
        ("25", "dwadzieścia pięć złotych"),
        ("100", "sto złotych"),
        ("101", "sto jeden złotych"),
        ("102", "sto dwa złote"),
        ("112", "sto dwanaście złotych"),
        ("1000", "tysiąc złotych"),
        ("0", "zero złotych"),
        ("0.01", "jeden grosz"),
        ("0.02", "dwa grosze"),
        ("0.05", "pięć groszy"),
        ("12.22", "dwanaście złotych dwadzieścia dwa grosze"),
        ("1.5", "jeden złoty pięćdziesiąt groszy"),
    ],
)
def test_zloty_in_polish(value: str, words: str) -> None:
    assert said(SayKind.AMOUNT, value, PL, "PLN") == words


@pytest.mark.parametrize(
    ("value", "currency", "language", "words"),
    [
        ("1", "USD", EN, "one dollar"),
        ("2.01", "USD", EN, "two dollars and one cent"),
        ("0.99", "GBP", EN, "ninety-nine pence"),
        ("0.01", "GBP", EN, "one penny"),
        ("12.05", "CNY", EN, "twelve yuan and five fen"),
        ("5", "PLN", EN, "five zlotys"),
        ("0", "EUR", EN, "zero euros"),
        ("1", "EUR", PL, "jedno euro"),
        ("2", "EUR", PL, "dwa euro"),
        ("3", "USD", PL, "trzy dolary"),
        ("5.02", "GBP", PL, "pięć funtów dwa pensy"),
        ("22", "CNY", PL, "dwadzieścia dwa juany"),
        ("2", "USD", ZH, "两美元"),
        ("12.34", "USD", ZH, "十二点三四美元"),
        ("12.50", "EUR", ZH, "十二点五欧元"),
        ("7", "PLN", ZH, "七兹罗提"),
    ],
)
def test_other_money(value: str, currency: str, language: Language, words: str) -> None:
    assert said(SayKind.AMOUNT, value, language, currency) == words


@pytest.mark.parametrize(
    ("value", "zh", "en", "pl"),
    [
        ("2026-10-08", "二零二六年十月八日", "the eighth of October twenty twenty-six",
         "ósmego października dwa tysiące dwudziestego szóstego roku"),
        ("2026-01-01", "二零二六年一月一日", "the first of January twenty twenty-six",
         "pierwszego stycznia dwa tysiące dwudziestego szóstego roku"),
        ("2026-12-31", "二零二六年十二月三十一日", "the thirty-first of December twenty twenty-six",
         "trzydziestego pierwszego grudnia dwa tysiące dwudziestego szóstego roku"),
        ("2030-02-22", "二零三零年二月二十二日", "the twenty-second of February twenty thirty",
         "dwudziestego drugiego lutego dwa tysiące trzydziestego roku"),
        ("2005-03-12", "二零零五年三月十二日", "the twelfth of March two thousand and five",
         "dwunastego marca dwa tysiące piątego roku"),
        ("1999-05-03", "一九九九年五月三日", "the third of May nineteen ninety-nine",
         "trzeciego maja tysiąc dziewięćset dziewięćdziesiątego dziewiątego roku"),
    ],
)  # fmt: skip
def test_dates(value: str, zh: str, en: str, pl: str) -> None:
    assert [said(SayKind.DATE, value, one) for one in (ZH, EN, PL)] == [zh, en, pl]


@pytest.mark.parametrize(
    ("value", "zh", "en", "pl"),
    [
        ("00:00", "零点", "midnight", "zerowa"),
        ("00:05", "零点零五分", "twelve oh five A.M.", "zerowa zero pięć"),
        ("02:02", "两点零二分", "two oh two A.M.", "druga zero dwa"),
        ("09:00", "九点", "nine A.M.", "dziewiąta"),
        ("9:30", "九点三十分", "nine thirty A.M.", "dziewiąta trzydzieści"),
        ("12:00", "十二点", "noon", "dwunasta"),
        ("12:10", "十二点十分", "twelve ten P.M.", "dwunasta dziesięć"),
        ("18:45", "十八点四十五分", "six forty-five P.M.", "osiemnasta czterdzieści pięć"),
        ("22:22", "二十二点二十二分", "ten twenty-two P.M.",
         "dwudziesta druga dwadzieścia dwa"),
        ("23:59", "二十三点五十九分", "eleven fifty-nine P.M.",
         "dwudziesta trzecia pięćdziesiąt dziewięć"),
    ],
)  # fmt: skip
def test_times(value: str, zh: str, en: str, pl: str) -> None:
    assert [said(SayKind.TIME, value, one) for one in (ZH, EN, PL)] == [zh, en, pl]


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"),
     (11, "eleventh"), (12, "twelfth"), (13, "thirteenth"), (20, "twentieth"),
     (21, "twenty-first"), (30, "thirtieth"), (31, "thirty-first")],
)  # fmt: skip
def test_english_ordinals(number: int, word: str) -> None:
    assert ordinal_en(number) == word


@pytest.mark.parametrize(
    ("year", "english", "polish"),
    [
        (1900, "nineteen hundred", "tysiąc dziewięćsetnego"),
        (1905, "nineteen oh five", "tysiąc dziewięćset piątego"),
        (2000, "two thousand", "dwutysięcznego"),
        (2009, "two thousand and nine", "dwa tysiące dziewiątego"),
        (2010, "twenty ten", "dwa tysiące dziesiątego"),
        (2100, "twenty-one hundred", "dwa tysiące setnego"),
        (2105, "twenty-one oh five", "dwa tysiące sto piątego"),
    ],
)
def test_years(year: int, english: str, polish: str) -> None:
    assert (year_en(year), year_pl(year)) == (english, polish)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (SayKind.NUMBER, ""), (SayKind.NUMBER, "1,5"), (SayKind.NUMBER, "1e3"),
        (SayKind.NUMBER, "1234567890"), (SayKind.NUMBER, "٣"), (SayKind.DIGITS, "abc"),
        (SayKind.DIGITS, ""), (SayKind.DIGITS, "*80"), (SayKind.AMOUNT, "-1"),
        (SayKind.AMOUNT, "1.005"), (SayKind.DATE, "2026-02-30"), (SayKind.DATE, "08.10.2026"),
        (SayKind.TIME, "24:00"), (SayKind.TIME, "09:60"), (SayKind.TIME, "9"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", Language)
def test_what_is_no_value_of_its_kind_is_refused(
    kind: SayKind, value: str, language: Language
) -> None:
    assert not can_be_said(kind, value)
    with pytest.raises(ValueError):
        said(kind, value, language)
    assert clips_of(Utterance(language=language, text=value, said=kind)) == ()


def test_money_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="XAU is no currency"):
        said(SayKind.AMOUNT, "1", EN, "XAU")


# --- whatever may come ----------------------------------------------------------------------------
@given(number=st.integers(0, 10**9 - 1))
def test_a_numbers_pieces_are_its_cardinal(number: int) -> None:
    assert said(SayKind.NUMBER, str(number), ZH) == cardinal_zh(number)
    assert said(SayKind.NUMBER, str(number), EN) == cardinal_en(number)
    assert said(SayKind.NUMBER, str(number), PL) == cardinal_pl(number)


MOMENTS = st.one_of(
    st.tuples(st.just(SayKind.NUMBER), st.decimals("-1e8", "1e8", places=2).map(str), st.just("")),
    st.tuples(
        st.just(SayKind.AMOUNT),
        st.decimals("0", "1e8", places=2).map(lambda one: str(abs(one))),
        st.sampled_from(CURRENCIES),
    ),
    st.tuples(
        st.just(SayKind.DATE),
        st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)).map(str),
        st.just(""),
    ),
    st.tuples(
        st.just(SayKind.TIME),
        st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]}:{at[1]:02}"),
        st.just(""),
    ),
)


@given(moment=MOMENTS, language=st.sampled_from(list(Language)))
def test_every_piece_of_every_value_has_a_clip(
    moment: tuple[SayKind, str, str], language: Language
) -> None:
    kind, value, currency = moment
    assert can_be_said(kind, value)
    found = pieces(kind, value, language, currency)
    assert found and set(found) <= set(vocabulary(language))
    utterance = Utterance(language=language, text=value, said=kind, values={"currency": currency})
    assert len(clips_of(utterance)) == len(found)


@given(number=st.integers(0, 10**12).map(str))
def test_digits_are_said_by_the_pairs_of_agents_numbers(number: str) -> None:
    clips = clips_of(Utterance(language=ZH, text=number, said=SayKind.DIGITS))
    assert len(clips) == (len(number) + 1) // 2
    assert all(clip.startswith("pair|") for clip in clips[len(number) % 2 :])


def test_no_two_days_are_said_alike() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    for language in Language:
        assert len({said(SayKind.DATE, day.isoformat(), language) for day in days}) == 365
