"""Numbers as Polish words, with the gender of what is counted, and hours as ordinals."""

DIGITS = ("zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć").split()
_TEENS = (
    "dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście "
    "osiemnaście dziewiętnaście"
).split()
_TENS = (
    "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt "
    "osiemdziesiąt dziewięćdziesiąt"
).split()
_HUNDREDS = (
    "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset"
).split()
_SCALES = (
    (10**6, ("milion", "miliony", "milionów")),
    (1000, ("tysiąc", "tysiące", "tysięcy")),
)
_HOURS = (
    "zerowa pierwsza druga trzecia czwarta piąta szósta siódma ósma dziewiąta dziesiąta "
    "jedenasta dwunasta trzynasta czternasta piętnasta szesnasta siedemnasta osiemnasta "
    "dziewiętnasta dwudziesta"
).split()


def digits_pl(digits: str) -> str:
    """Return "801" as "osiem zero jeden". Other characters are left out."""
    return " ".join(DIGITS[int(d)] for d in digits if d.isascii() and d.isdigit())


def cardinal_pl(number: int, feminine: bool = False) -> str:
    """Return the cardinal; feminine for osoba, minuta, godzina: 1 "jedna", 2 "dwie", 22 "… dwie".

    Units: 0 <= number < 10**9.
    """
    if number == 1 and feminine:
        return "jedna"
    words: list[str] = []
    rest = number
    for size, forms in _SCALES:
        count, rest = divmod(rest, size)
        if count == 1:
            words.append(forms[0])
        elif count:
            words += [_below_thousand(count, False), forms[plural_pl(count)]]
    if rest or not words:
        words.append(_below_thousand(rest, feminine))
    return " ".join(words)


def plural_pl(number: int) -> int:
    """Return which form a noun takes: 0 "osoba", 1 "osoby", 2 "osób"."""
    if number == 1:
        return 0
    if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14:
        return 1
    return 2


def hour_pl(hour: int, genitive: bool = False) -> str:
    """Return the hour 0..24 as Poles say it: 18 "osiemnasta", after od and do "osiemnastej"."""
    words = _HOURS[hour] if hour <= 20 else f"dwudziesta {_HOURS[hour - 20]}"
    if not genitive:
        return words
    return " ".join(
        f"{word[:-1]}iej" if word.endswith("ga") else _genitive(word) for word in words.split()
    )


def _genitive(ordinal: str) -> str:
    """Return the feminine ordinal's genitive: pierwsza, pierwszej; trzecia, trzeciej."""
    return ordinal[:-1] + "ej"


def _below_thousand(number: int, feminine: bool) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if rest or not words:
        words.append(_below_hundred(rest, feminine))
    return " ".join(words)


def _below_hundred(number: int, feminine: bool) -> str:
    if 10 <= number < 20:
        return _TEENS[number - 10]
    tens, ones = divmod(number, 10)
    words = [_TENS[tens - 2]] if tens else []
    if ones or not words:
        words.append("dwie" if feminine and ones == 2 else DIGITS[ones])
    return " ".join(words)
