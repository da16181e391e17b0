"""Figures become words as people say them, in each language."""

import pytest

from appliance.speech.normaliser import speakable
from appliance.vocabulary.settings import Language

ZH = [
    ("业务咨询请按1，人工服务请按0。", "业务咨询请按一，人工服务请按零。"),
    ("按10", "按一零"),
    ("重听请按*，结束请按#。", "重听请按星号键，结束请按井号键。"),
    ("按*键", "按星号键"),
    ("工号1001为您服务", "工号幺零零幺为您服务"),
    ("工号8001为您服务", "工号八零零幺为您服务"),
    ("分机8002", "分机八零零二"),
    ("您前面还有2位客户", "您前面还有两位客户"),
    ("您前面还有12位客户", "您前面还有十二位客户"),
    ("您前面还有22位客户", "您前面还有二十二位客户"),
    ("大约等待2分钟", "大约等待两分钟"),
    ("2小时内回电", "两小时内回电"),
    ("24小时服务", "二十四小时服务"),
    ("共110个", "共一百一十个"),
    ("共2005个", "共两千零五个"),
    ("第2位", "第二位"),
    ("请拨400-888-1234", "请拨四零零八八八幺二三四"),
    ("021-88886666", "零二幺八八八八六六六六"),
    ("手机13812345678", "手机幺三八幺二三四五六七八"),
    ("订单号12345678", "订单号幺二三四五六七八"),
    ("12345", "幺二三四五"),
    ("9:00-18:00", "九点到十八点"),
    ("9:05", "九点零五分"),
    ("18:30", "十八点三十分"),
    ("2026年10月8日", "二零二六年十月八日"),
    ("2026-10-01", "二零二六年十月一日"),
    ("优惠80%", "优惠百分之八十"),
    ("3.5元", "三点五元"),
    ("12000元", "一万两千元"),
    ("¥1,234", "一千二百三十四元"),
    ("{digits:21}号窗口", "二幺号窗口"),
    ("周一至周五9点到18点", "周一至周五九点到十八点"),
    ("铃盒", "铃盒"),
]
EN = [
    ("Press 1 for sales, 2 for support", "Press one for sales, two for support"),
    ("Press 10", "Press one zero"),
    ("press *", "press the star key"),
    ("press the # key", "press the hash key"),
    ("agent 1001", "agent one zero zero one"),
    ("extension 8002", "extension eight zero zero two"),
    ("There are 3 callers", "There are three callers"),
    ("There are 12 callers", "There are twelve callers"),
    ("120 people", "one hundred and twenty people"),
    ("2005 people", "two thousand and five people"),
    ("1,250", "one thousand two hundred and fifty"),
    ("call 400-888-1234", "call four zero zero, eight eight eight, one two three four"),
    ("12345", "one two three four five"),
    ("0049", "zero zero four nine"),
    ("9:00", "nine o'clock"),
    ("9:05 am", "nine oh five A.M."),
    ("5 pm", "five P.M."),
    ("80%", "eighty per cent"),
    ("$3.50", "three point five zero dollars"),
    ("21st", "twenty-first"),
    ("3rd and 12th", "third and twelfth"),
    ("20th", "twentieth"),
    ("24/7", "twenty-four seven"),
    ("R&D", "R and D"),
    ("{digits:42}", "four two"),
]
PL = [
    ("naciśnij 1", "naciśnij jeden"),
    ("naciśnij *", "naciśnij gwiazdkę"),
    ("wybierz #", "wybierz krzyżyk"),
    ("konsultant 1001", "konsultant jeden zero zero jeden"),
    ("numer 8001", "numer osiem zero zero jeden"),
    ("1 osoba", "jedna osoba"),
    ("2 osoby", "dwie osoby"),
    ("5 osób", "pięć osób"),
    ("22 osoby", "dwadzieścia dwie osoby"),
    ("2 minuty", "dwie minuty"),
    ("2 dni", "dwa dni"),
    ("112", "sto dwanaście"),
    ("2000", "dwa tysiące"),
    ("1 000 klientów", "tysiąc klientów"),
    ("12345", "jeden dwa trzy cztery pięć"),
    ("021", "zero dwa jeden"),
    ("22 123 45 67", "dwa dwa, jeden dwa trzy, cztery pięć, sześć siedem"),
    ("9:00-18:00", "od dziewiątej do osiemnastej"),
    ("od 9:00 do 17:30", "od dziewiątej do siedemnastej trzydzieści"),
    ("o 8:05", "o ósmej zero pięć"),
    ("o godzinie 22:00", "o godzinie dwudziestej drugiej"),
    ("80%", "osiemdziesiąt procent"),
    ("12,50 zł", "dwanaście złotych pięćdziesiąt groszy"),
    ("2 zł", "dwa złote"),
    ("3,5", "trzy przecinek pięć"),
    ("{digits:12}", "jeden dwa"),
]


@pytest.mark.parametrize(("written", "said"), ZH)
def test_mandarin_is_said_as_on_a_switchboard(written: str, said: str) -> None:
    assert speakable(written, Language.ZH) == said


@pytest.mark.parametrize(("written", "said"), EN)
def test_english_is_said_in_words(written: str, said: str) -> None:
    assert speakable(written, Language.EN) == said


@pytest.mark.parametrize(("written", "said"), PL)
def test_polish_agrees_with_what_is_counted(written: str, said: str) -> None:
    assert speakable(written, Language.PL) == said


@pytest.mark.parametrize("language", list(Language))
def test_no_figure_is_left_for_the_voice_to_guess(language: Language) -> None:
    text = "1 12,5 99% 0049 123456789012345 2026-10-08 9:00 1/2 3-4 {digits:7} 10000000000"
    assert not any(letter.isdigit() for letter in speakable(text, language))


@pytest.mark.parametrize(
    ("language", "rows"), [(Language.ZH, ZH), (Language.EN, EN), (Language.PL, PL)]
)
def test_what_is_in_words_stays_as_it_is(language: Language, rows: list[tuple[str, str]]) -> None:
    for _, said in rows:
        assert speakable(said, language) == said
