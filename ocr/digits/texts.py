"""Made-up contents of table cells: numbers as disclosures print them, and what stands in cells and is no number."""

from __future__ import annotations

import numpy as np

from ocr.clean.restorer.pages import COMMON_CHARACTERS, random_words

_FULL_WIDTH = str.maketrans("0123456789,.%()-", "０１２３４５６７８９，．％（）－")
_HANZI = tuple(COMMON_CHARACTERS)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_UNITS = _listed("元 万元 %以上 个 项 次 人 天 月 年 分 号 套 平方米 km m2 人次")
_BEFORE = _listed("≥ ≤ > < ＞ ＜ = ± + 约 第 共 不少于 ￥ ¥ $ No. * # ×")
_ALONE = _listed("— —— - － / √ × * *** …… ... 、 。 无 否 是 合计 N/A ① ② ③ Ⅰ Ⅱ Ⅳ ( ) （） 《》 [ ] ■ □ ○ ● + = : ;")
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"


def random_number(random: np.random.Generator) -> str:
    """A number of a table: amount, count, share, code."""
    kind = random.random()
    if kind < 0.52:
        text = _amount(random)
    elif kind < 0.6:
        text = str(random.choice(["0.00", "0", "0.0", "0.000000", "100", "100.00", "100%", "100.00%", "0.00%"]))
    elif kind < 0.68:
        text = f"{random.uniform(0, 130):.{int(random.integers(0, 3))}f}%"
    elif kind < 0.82:
        text = _code(random)
    elif kind < 0.95:
        text = str(int(random.integers(10 ** int(random.integers(1, 8)))))
    else:
        text = "".join(str(d) for d in random.integers(0, 10, int(random.integers(1, 15))))
    if random.random() < 0.06:
        text = "-" + text
    if random.random() < 0.03:
        text = f"({text})" if random.random() < 0.5 else f"（{text}）"
    if random.random() < 0.03:  # digits that repeat are what a reader without a language model miscounts
        text = text.replace(str(int(random.integers(10))), str(int(random.integers(10))))
    return text.translate(_FULL_WIDTH) if random.random() < 0.015 else text


def _amount(random: np.random.Generator) -> str:
    whole = int(random.integers(0, 10 ** int(random.integers(1, 11))))
    if random.random() < 0.15:  # runs of one digit
        digit = str(int(random.integers(10)))
        whole = int(f"{whole}"[: int(random.integers(1, 6))] + digit * int(random.integers(1, 5)))
    places = int(random.choice([0, 1, 2, 3, 4, 6], p=[0.14, 0.06, 0.68, 0.02, 0.06, 0.04]))
    tail = "." + "".join(str(d) for d in random.integers(0, 10, places)) if places else ""
    if random.random() < 0.08:
        tail = tail[:1] + "0" * places
    return f"{whole:{',' if random.random() < 0.6 else ''}d}{tail}"


def _code(random: np.random.Generator) -> str:
    kind = random.random()
    if kind < 0.5:
        code = f"2{int(random.integers(0, 35)):02d}{int(random.integers(0, 100)):02d}{int(random.integers(0, 100)):02d}"
        return code[: int(random.choice([3, 5, 7]))]
    if kind < 0.8:
        return f"3{int(random.integers(0, 13)):02d}{int(random.integers(0, 100)):02d}"[: int(random.choice([3, 5]))]
    return f"{int(random.integers(0, 100)):02d}"


def random_other(random: np.random.Generator) -> str:
    """A cell that is no number, or not only a number."""
    kind = random.random()
    if kind < 0.36:
        return random_words(random, 8)
    if kind < 0.44:
        return str(random.choice(_HANZI))
    if kind < 0.58:
        return random_number(random) + (str(random.choice(_UNITS)) if random.random() < 0.7 else _hanzi(random))
    if kind < 0.68:
        return str(random.choice(_BEFORE)) + random_number(random)
    if kind < 0.74:
        return (_hanzi(random) if random.random() < 0.7 else _letters(random)) + random_number(random)
    if kind < 0.82:
        return str(random.choice(_ALONE))
    if kind < 0.88:
        return _letters(random) + (str(int(random.integers(1000))) if random.random() < 0.4 else "")
    if kind < 0.94:
        return _date(random)
    return _ill_formed(random)


def _hanzi(random: np.random.Generator) -> str:
    return "".join(str(c) for c in random.choice(_HANZI, int(random.integers(1, 4))))


def _letters(random: np.random.Generator) -> str:
    return "".join(_LETTERS[i] for i in random.integers(0, len(_LETTERS), int(random.integers(1, 7))))


def _date(random: np.random.Generator) -> str:
    year, month, day = int(random.integers(1990, 2035)), int(random.integers(1, 13)), int(random.integers(1, 29))
    forms = (
        f"{year}年",
        f"{year}年{month}月",
        f"{month}月{day}日",
        f"{year}年{month}月{day}日",
        f"{year}-{month:02d}-{day:02d}",
        f"{year}.{month}",
        f"{year}/{month}/{day}",
        f"{year}—{year + 2}",
        f"{day}:{month:02d}",
    )
    return str(random.choice(forms))


def _ill_formed(random: np.random.Generator) -> str:
    """Numberings, ranges, and digits with marks anywhere."""
    number = int(random.integers(1, 40))
    forms = (
        f"{number}.",
        f"{number}、",
        f"({number})",
        f"（{number}）",
        f"{number})",
        f"{number}-{number + 5}",
        f"{number}~{number + 5}",
        f"{number}/{number + 5}",
        f"{number}.{number}.{number}",
        "".join("0123456789,.-%()"[i] for i in random.integers(0, 16, int(random.integers(2, 9)))),
    )
    return str(random.choice(forms))
