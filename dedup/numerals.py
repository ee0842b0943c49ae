"""Number words, and the small words that tell the languages apart whose number words we read."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Final

# From 0 upward.
_UNITS: Final = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho "
    "veintinueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito "
    "dezenove vinte",
    "ru": "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать",
}
_TENS: Final = {
    "en": "thirty forty fifty sixty seventy eighty ninety",
    "de": "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "fr": "trente quarante cinquante soixante",
    "it": "trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "dertig veertig vijftig zestig zeventig tachtig negentig",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "ru": "тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
}
_OTHERS: Final[dict[str, dict[str, int]]] = {
    "en": {"dozen": 12},
    "de": {"dreissig": 30, "dutzend": 12},
    "es": {"docena": 12},
    "fr": {"vingt": 20, "vingts": 20, "douzaine": 12},
    "it": {"dozzina": 12},
    "nl": {"dozijn": 12},
    "pt": {"duas": 2, "dezasseis": 16, "dezassete": 17, "dezanove": 19, "dúzia": 12},
    "ru": {"две": 2, "двух": 2, "трех": 3, "трёх": 3, "четырех": 4, "четырёх": 4, "пяти": 5, "шести": 6, "семи": 7},
}

# A number before one of these is multiplied by it; standing alone they are a number themselves.
SCALES: Final[dict[str, dict[str, int]]] = {
    "en": {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    "de": {"hundert": 100, "tausend": 10**3, "million": 10**6, "millionen": 10**6, "milliarde": 10**9,
           "milliarden": 10**9},
    "es": {"cien": 100, "mil": 10**3, "millón": 10**6, "millones": 10**6},
    "fr": {"cent": 100, "cents": 100, "mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9,
           "milliards": 10**9},
    "it": {"cento": 100, "mille": 10**3, "mila": 10**3, "milione": 10**6, "milioni": 10**6, "miliardo": 10**9,
           "miliardi": 10**9},
    "nl": {"honderd": 100, "duizend": 10**3, "miljoen": 10**6, "miljard": 10**9},
    "pt": {"cem": 100, "mil": 10**3, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9},
    "ru": {"сто": 100, "тысяча": 10**3, "тысячи": 10**3, "тысяч": 10**3, "миллион": 10**6, "миллиона": 10**6,
           "миллионов": 10**6, "миллиард": 10**9, "миллиарда": 10**9, "миллиардов": 10**9},
}  # fmt: skip

LANGUAGES: Final = tuple(_UNITS)

# Frequent small words, few of which two of these languages share.
FUNCTION_WORDS: Final = {
    "en": "the of and to in is was for that with on as by at from his her it an be are has have had not this which but",
    "de": "der die das und den von zu mit sich des auf für ist im dem nicht ein eine als auch es werden aus hat dass nach bei",
    "es": "el la de que y en los del las por con una para su al es más como pero sus fue ha lo se este entre cuando muy sin",
    "fr": "le la les des et est du en une dans qui que pour au sur par plus ne pas ce il elle sont avec aux ses cette été",
    "it": "il di che la e è per un non del della con sono una alla nel dei le gli ha si da come anche dal più delle i",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als bij door maar werd heeft uit naar ze",
    "pt": "o a os as de do da dos das que e em um uma para com não no na por mais ao se foi como sua pelo pela ele são",
    "ru": "и в не на что с по как это из у за от он для к его но а до также же так все было при о года был",
}


def number_words(language: str) -> dict[str, int]:
    """Value of every simple number word of a language, in lower case."""
    words = {word: value for value, word in enumerate(_UNITS[language].split())}
    words |= {word: value for value, word in zip(range(30, 100, 10), _TENS[language].split(), strict=False)}
    words |= _OTHERS[language]
    if language in ("de", "nl"):
        words |= _joined_words(language, words)
    return words


def _joined_words(language: str, words: dict[str, int]) -> dict[str, int]:
    """German and Dutch write 21 to 99 as one word, the unit first."""
    ein, und = {"de": ("ein", ("und",)), "nl": ("een", ("en", "ën"))}[language]
    units = {ein: 1} | {word: value for word, value in words.items() if 2 <= value <= 9}
    tens = {word: value for word, value in words.items() if value >= 20 and value % 10 == 0}
    return {unit + middle + ten: units[unit] + tens[ten] for unit, ten, middle in itertools.product(units, tens, und)}


LARGEST: Final = 1e15  # that a float holds with its decimals

_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,'’ ٬]\d{3})+$")
_GROUPED_DECIMAL: Final = re.compile(r"(\d{1,3}(?:([.,'’ ٬])\d{3})+)([.,٫])(\d+)$")
_DECIMAL: Final = re.compile(r"(\d+)[.,٫](\d+)$")
_LEADING: Final = re.compile(r"[\d.,'’ ٬٫]*\d")
_SUFFIX_SCALES: Final = {"k": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "tn": 10**12}


def read_digits(token: str) -> float | None:
    """Value of a token that starts with digits: `1,000` = `1000` = `1 000` = `1.000`; `21st` = 21; `1.5m` = 1500000.

    Three digits after a lone separator are read as thousands unless what stands before is 0. None if there is no number.
    """
    match = _LEADING.match(token)
    if match is None:
        return None
    value = _read_grouped(match.group())
    return None if value is None else _sensible(value * _SUFFIX_SCALES.get(token[match.end() :].lower(), 1))


def _sensible(value: float) -> float | None:
    """None for a run of digits that is no quantity but an identifier, and too large for exact arithmetic."""
    return value if value < LARGEST else None


def _read_grouped(digits: str) -> float | None:
    if digits.isdigit():
        return float(digits)
    if _THOUSANDS.match(digits) and unicodedata.digit(digits[0]) != 0:
        return float(re.sub(r"\D", "", digits))
    if (match := _GROUPED_DECIMAL.match(digits)) and match.group(2) != match.group(3):
        return float(re.sub(r"\D", "", match.group(1)) + "." + match.group(4))
    if match := _DECIMAL.match(digits):
        return float(match.group(1) + "." + match.group(2))
    return None


HAN_DIGITS: Final = {
    character: value
    for value, characters in enumerate(("〇零", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for character in characters
}
HAN_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
HAN_SCALES: Final = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
HAN_CHARACTERS: Final = frozenset([*HAN_DIGITS, *HAN_UNITS, *HAN_SCALES])
HAN_POINT: Final = "点"
LONGEST_HAN: Final = 15  # characters; a longer run is no number that anyone writes


def read_han(run: str) -> float | None:
    """Value of a run of Chinese numerals: `二〇二八` = 2028, `一千八百` = 1800, `一点二` = 1.2, `四十八亿` = 4800000000.

    None for the lone characters that stand in ordinary words (一, 十, 百, 千, 万 …) and for what is no number.
    """
    if len(run) > LONGEST_HAN:
        return None
    whole, point, decimals = run.partition(HAN_POINT)
    if point:
        return _read_han_decimal(whole, decimals)
    if all(character in HAN_DIGITS for character in run):
        return None if run == "一" else float(_digits(run))
    if len(run) == 1 or run[0] in HAN_SCALES:
        return None
    total, section, digit = 0, 0, 0
    for character in run:
        if character in HAN_DIGITS:
            digit = HAN_DIGITS[character]
        elif character in HAN_UNITS:
            section += (digit or 1) * HAN_UNITS[character]
            digit = 0
        else:
            total += (section + digit) * HAN_SCALES[character]
            section = digit = 0
    return float(total + section + digit)


def _read_han_decimal(whole: str, decimals: str) -> float | None:
    value = 1.0 if whole == "一" else read_han(whole)
    if value is None or not all(character in HAN_DIGITS for character in decimals):
        return None
    return float(f"{value:.0f}.{_digits(decimals)}")


def _digits(run: str) -> str:
    return "".join(str(HAN_DIGITS[character]) for character in run)
