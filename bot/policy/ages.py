"""How old somebody is said to be: in figures, in words, by what follows or stands before them.

Pure, and linear: each repetition is bounded. Numbers that count or measure something are no ages.
"""

from __future__ import annotations

import re

_DASH = r"[ \-‐‑]"
#: Of people who may be young: a number beside one of them is an age. Nobody who is adult by name.
_PERSON = (
    "(?:girl|boy|daughter|son|sister|brother|niece|nephew|student|pupil|cheerleader|gymnast|"
    "ballerina|virgin|female|male|lass|lad|mädchen|junge|tochter|sohn|schwester|fille|garçon|sœur|"
    "chica|chico|muchacha|muchacho|hija|hijo|garota|garoto|filha|filho|ragazza|ragazzo|figlia|"
    "figlio|девушка|дочь|сын)"
)
#: Behind a number that is no age: what it measures or counts, a fraction, a range, a share.
_OTHER = (
    r"(?![\w%])(?![.,:/]\d)(?! ?['\"’”″′])(?! \d)(?!-\w)"
    r"(?! {1,2}(?:feet|foot|ft|inch|inches|in tall|cm|mm|m|meters?|metres?|km|miles?|kg|lbs?|"
    r"pounds?|times|of|out|months?|weeks?|days?|hours?|minutes?|mins?|seconds?|percent|people|"
    r"heads?|steps?|stor(?:ies|eys)|dollars?|euros?|bucks|usd|degrees?|o'clock|am|pm|lights?)"
    r"(?!\w))"
)
#: Behind years that have passed.
_PASSED = (
    r"(?!\w)(?! {1,2}(?:ago|later|after|before|since|in|of|from|experience|anniversary|apart|"
    r"together)(?!\w))"
)
#: What a piece of text says of an age: the first group of each that has one. Compiled when first
#: needed, as all below: hardly a text is asked for an age.
_SAID = (
    r"(?<!\w)(?:aged?|age of|age is|alter von|edad de)[ :=\-‐‑–—]{1,4}(\d{1,2})(?![\w%])",
    (
        rf"(?<!\w)(\d{{1,2}}){_DASH}{{0,2}}"
        r"(?:y ?[/\\.]? ?o|yrs?|years?[ \-]?olds?|years? of age|yr[ \-]?olds?|"
        r"jahre alt|jährige?[rsn]?|ans|años|anos|anni|лет|года|год|летн\w{0,4}|살)(?!\w)"
    ),
    r"(?<![\d.])(\d{1,2}) ?(?:歳|才(?!能)|岁|歲|살)",
    (
        rf"(?<!\w)(?:(?:she|he|who|{_PERSON})(?:['’ ]?s| is)|im|i['’]m|i am|looks|looking)"
        rf"[ :]{{1,2}}(?:(?:only|just|about|around|barely|like|now|still) ){{0,2}}"
        rf"(\d{{1,2}}){_OTHER}"
    ),
    (
        rf"(?<!\w)(\d{{1,2}}){_DASH}{{1,2}}years?{_PASSED}{_DASH}{{1,2}}"
        rf"(?:\w{{1,20}}{_DASH}{{1,2}}){{0,2}}{_PERSON}s?(?!\w)"
    ),
    (
        rf"(?<!\w){_PERSON}s?[ ,:\-]{{1,3}}(?:(?:of|only|just|about|von) ){{0,2}}"
        rf"(\d{{1,2}}){_DASH}(?:years?|jahren?){_PASSED}"
    ),
    rf"(?<!\w){_PERSON} ?[(\[] ?(\d{{1,2}}) ?[)\]]",
    rf"(?<!\w){_PERSON}, ?(\d{{1,2}}) ?(?=$|[;)!\n]|[.,](?!\d))",
    r"(?<!\w)(\d{1,2}) ?/? ?f(?![\w/])",
    rf"(?<!\w)(?:\d|1[0-2])th{_DASH}?grade(?:rs?)?(?!\w)",
    rf"(?<!\w)(?:1st|2nd|3rd|first|second|third){_DASH}?grade(?:rs?|{_DASH}{_PERSON}s?)(?!\w)",
    rf"(?<!\w)(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)th{_DASH}?grade(?:rs?)?(?!\w)",
    rf"(?<!no one )(?<!nobody )(?<!not )(?<!none )(?<!\w)under{_DASH}18s?{_OTHER}",
    (
        rf"(?<!\w){_PERSON}s?,? (?:under|below|younger than)(?: the)?(?: age)?(?: of)? "
        rf"1?\d{_OTHER}"
    ),
    r"(?<!\w)u-?1[0-8]s?(?!\w)",
)
#: As it was typed: a small "m" is metres.
_MALE = r"(?<!\w)(\d{1,2})M(?=\s*(?:$|[;)!]|[.,](?!\d)))"

_TENS = (
    "twenty|thirty|fou?rty|fifty|sixty|seventy|eighty|ninety|hundred|vingt|trente|quarante|"
    "cinquante|soixante|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|vinte|trinta|"
    "quarenta|cinquenta|sessenta|oitenta|двадцат[ьи]|тридцат[ьи]|сорока?|пятьдесят|пятидесяти"
)
#: From two on. English ones are numbers anywhere, one only before years.
_ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen"
)
#: Before years only: some are words of another language too ("due", "once", "elf").
_OTHERS = (
    (
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
        " sechzehn siebzehn"
    ),
    (
        "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
        " dix-sept"
    ),
    (
        "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
        " diecisiete"
    ),
    (
        "dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis"
        " dezessete"
    ),
    (
        "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
        " quindici sedici diciassette"
    ),
    (
        "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать"
        " четырнадцать пятнадцать шестнадцать семнадцать"
    ),
    (
        "двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати"
        " четырнадцати пятнадцати шестнадцати семнадцати"
    ),
    "두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두 열세 열네 열다섯 열여섯 열일곱",
)
_NUMBERS = {
    word: number
    for words in (_ENGLISH, *_OTHERS)
    for number, word in enumerate(words.split(), start=2)
} | {"one": 1, "un": 1, "ein": 1, "한": 1, "dieciseis": 16, "tres": 3, "трех": 3, "четырех": 4}
_FOREIGN = "|".join(sorted(_NUMBERS.keys() - set(_ENGLISH.split()), key=len, reverse=True))
_IN_WORDS = (
    rf"(?<!\w)(?P<tens>(?:{_TENS}){_DASH}(?:and |et |y |e )?)?"
    rf"(?P<word>(?:{'|'.join(_ENGLISH.split())})(?!\w)|(?:{_FOREIGN})"
    rf"(?={_DASH}{{0,2}}(?:year|yr|y/?o|jahr|jähr|ans?(?!\w)|años?|anos?(?!\w)|anni|лет|год|살)))"
)
_KANJI = "一二三四五六七八九"
_IN_KANJI = rf"(?<![{_KANJI}十百])(?:十([{_KANJI}]?)|([{_KANJI}]))(?=[歳才岁歲])"


def says_below(years: int, raw: str, folded: str) -> bool:
    """Whether somebody is said to be younger; being called so without a number counts for any."""
    text = re.sub(_IN_KANJI, _from_kanji, re.sub(_IN_WORDS, _from_words, folded))
    found = (match for said in _SAID for match in re.finditer(said, text))
    if any(match.lastindex is None or int(match[1]) < years for match in found):
        return True
    return any(int(match[1]) < years for match in re.finditer(_MALE, raw))


def _from_words(match: re.Match[str]) -> str:
    return match[0] if match["tens"] else str(_NUMBERS[match["word"]])


def _from_kanji(match: re.Match[str]) -> str:
    if match[2]:
        return str(_KANJI.index(match[2]) + 1)
    return str(10 + (_KANJI.index(match[1]) + 1 if match[1] else 0))
