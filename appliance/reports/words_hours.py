"""The words in which a calendar answers: English to (Chinese, Polish).

Apart from the reports' words, in which "closed" is a sentence that callers hear.
"""

from appliance.reports.catalogue import in_language
from appliance.vocabulary.settings import Language

HOURS_WORDS: dict[str, tuple[str, str]] = {
    "{calendar}: {state}, {why}": ("{calendar}：{state}，{why}", "{calendar}: {state}, {why}"),
    "open": ("营业", "otwarte"),
    "closed": ("不营业", "zamknięte"),
    "by the week's hours": ("按每周营业时间", "według godzin tygodnia"),
    "outside the hours": ("在营业时间之外", "poza godzinami"),
    "a holiday ({occasion}, {source})": (
        "放假（{occasion}，{source}）",
        "dzień wolny ({occasion}, {source})",
    ),
    "a make-up workday ({occasion}, {source})": (
        "调休上班（{occasion}，{source}）",
        "dzień odpracowywany ({occasion}, {source})",
    ),
    "fixed by law": ("法定", "ustawowo"),
    "closed on this date by the site": ("本店自定休息日", "zamknięte w tym dniu decyzją firmy"),
    "open on this date by the site": ("本店自定营业日", "otwarte w tym dniu decyzją firmy"),
    "; hours of {day}: {hours}": ("；{day} 营业时间 {hours}", "; godziny {day}: {hours}"),
    "; open until {until}": ("；营业至 {until}", "; otwarte do {until}"),
    "; opens {until}": ("；{until} 开始营业", "; otwarcie {until}"),
    "; it never opens": ("；一年内不会营业", "; w ciągu roku nie otwiera się"),
    "; it never closes": ("；一年内不会打烊", "; w ciągu roku nie zamyka się"),
    "; the holidays of {year} are not known": (
        "；{year} 年的放假安排尚未内置",
        "; dni wolne roku {year} nie są znane",
    ),
    "the holidays and make-up workdays of {year} are not built in": (
        "{year} 年的放假调休安排尚未内置",
        "dni wolne i odpracowywane roku {year} nie są wbudowane",
    ),
    "{target} waits for a key": ("{target} 等待按键", "{target} czeka na klawisz"),
    "the queue {target}": ("进入队列 {target}", "kolejka {target}"),
    "to be called back by the queue {target}": (
        "登记由队列 {target} 回呼",
        "do oddzwonienia przez kolejkę {target}",
    ),
    "a message into the box {target}": (
        "在信箱 {target} 留言",
        "wiadomość do skrzynki {target}",
    ),
    "phone {target} rings": ("话机 {target} 振铃", "dzwoni telefon {target}"),
    "the number {target} outside is rung": (
        "拨打外线 {target}",
        "dzwoni numer zewnętrzny {target}",
    ),
    "a goodbye": ("道别并挂机", "pożegnanie"),
    "no such flow: {flow}": ("没有流程 {flow}", "nie ma scenariusza {flow}"),
    "emergency mode is on: at this moment every number leads to {flow}": (
        "应急模式已开启：此刻所有号码都转到 {flow}",
        "tryb awaryjny jest włączony: w tej chwili każdy numer prowadzi do {flow}",
    ),
    "any number": ("任意号码", "dowolny numer"),
    "Monday": ("星期一", "poniedziałek"),
    "Tuesday": ("星期二", "wtorek"),
    "Wednesday": ("星期三", "środa"),
    "Thursday": ("星期四", "czwartek"),
    "Friday": ("星期五", "piątek"),
    "Saturday": ("星期六", "sobota"),
    "Sunday": ("星期日", "niedziela"),
    "New Year": ("元旦", "Nowy Rok"),
    "Spring Festival": ("春节", "Święto Wiosny"),
    "Qingming Festival": ("清明节", "święto Qingming"),
    "Labour Day": ("劳动节", "Święto Pracy"),
    "Dragon Boat Festival": ("端午节", "Święto Smoczych Łodzi"),
    "Mid-Autumn Festival": ("中秋节", "Święto Środka Jesieni"),
    "National Day": ("国庆节", "Święto Narodowe"),
    "National Day and Mid-Autumn Festival": ("国庆节、中秋节", "Święto Narodowe i Środka Jesieni"),
    "Epiphany": ("主显节", "Trzech Króli"),
    "Easter": ("复活节", "Wielkanoc"),
    "Easter Monday": ("复活节星期一", "Poniedziałek Wielkanocny"),
    "Constitution Day": ("宪法日", "Święto Konstytucji 3 Maja"),
    "Pentecost": ("五旬节", "Zielone Świątki"),
    "Corpus Christi": ("基督圣体节", "Boże Ciało"),
    "Assumption Day": ("圣母升天节", "Wniebowzięcie NMP"),
    "All Saints' Day": ("诸圣节", "Wszystkich Świętych"),
    "Independence Day": ("独立日", "Święto Niepodległości"),
    "Christmas Eve": ("平安夜", "Wigilia"),
    "Christmas Day": ("圣诞节", "Boże Narodzenie"),
    "Second Day of Christmas": ("圣诞节次日", "drugi dzień Bożego Narodzenia"),
}

OCCASIONS: dict[str, str] = {
    "new_year": "New Year",
    "spring_festival": "Spring Festival",
    "qingming": "Qingming Festival",
    "labour_day": "Labour Day",
    "dragon_boat": "Dragon Boat Festival",
    "mid_autumn": "Mid-Autumn Festival",
    "national_day": "National Day",
    "national_day_mid_autumn": "National Day and Mid-Autumn Festival",
    "epiphany": "Epiphany",
    "easter": "Easter",
    "easter_monday": "Easter Monday",
    "constitution_day": "Constitution Day",
    "pentecost": "Pentecost",
    "corpus_christi": "Corpus Christi",
    "assumption": "Assumption Day",
    "all_saints": "All Saints' Day",
    "independence_day": "Independence Day",
    "christmas_eve": "Christmas Eve",
    "christmas": "Christmas Day",
    "second_christmas": "Second Day of Christmas",
}
"""What each holidays.Occasion is called in English."""


def hours_word(english: str, language: Language) -> str:
    """Return a sentence or word in that language."""
    return in_language(HOURS_WORDS, english, language)
