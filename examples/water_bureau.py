"""The fictional bureau of the bundled sample: its amounts in whole yuan, its functional codes, its projects.

云汀市 does not exist; neither do the bureau, its projects or any of the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CITY = "云汀市"
BUREAU = "云汀市水务局"
YEAR = 2026

FUNCTION_NAMES: dict[str, str] = {
    "208": "社会保障和就业支出",
    "20805": "行政事业单位养老支出",
    "2080501": "行政单位离退休",
    "2080505": "机关事业单位基本养老保险缴费支出",
    "2080506": "机关事业单位职业年金缴费支出",
    "210": "卫生健康支出",
    "21011": "行政事业单位医疗",
    "2101101": "行政单位医疗",
    "213": "农林水支出",
    "21303": "水利",
    "2130301": "行政运行",
    "2130304": "水利行业业务管理",
    "2130305": "水利工程建设",
    "2130306": "水利工程运行与维护",
    "2130309": "水利执法监督",
    "2130311": "水资源节约管理与保护",
    "2130314": "防汛",
    "221": "住房保障支出",
    "22102": "住房改革支出",
    "2210201": "住房公积金",
}

CLASSES = (
    *("一般公共服务支出", "外交支出", "国防支出", "公共安全支出", "教育支出", "科学技术支出", "文化旅游体育与传媒支出"),
    *("社会保障和就业支出", "社会保险基金支出", "卫生健康支出", "节能环保支出", "城乡社区支出", "农林水支出"),
    *("交通运输支出", "资源勘探工业信息等支出", "商业服务业等支出", "金融支出", "援助其他地区支出"),
    *("自然资源海洋气象等支出", "住房保障支出", "粮油物资储备支出", "国有资本经营预算支出", "灾害防治及应急管理支出"),
    *("预备费", "其他支出", "转移性支出", "债务还本支出", "债务付息支出", "债务发行费用支出", "抗疫特别国债安排的支出"),
)


@dataclass(frozen=True, slots=True)
class BasicItem:
    """A line of basic spending: department subject, government subject, function code, whole yuan."""

    name: str
    government: str
    code: str
    yuan: int
    staff: bool


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its name, function code and whole yuan."""

    name: str
    code: str
    yuan: int


_SALARY, _INSURANCE, _OFFICE = "工资奖金津补贴", "社会保障缴费", "办公经费"
WAGES = (
    BasicItem("基本工资", _SALARY, "2130301", 2_874_312, True),
    BasicItem("津贴补贴", _SALARY, "2130301", 1_846_743, True),
    BasicItem("奖金", _SALARY, "2130301", 1_239_526, True),
    BasicItem("机关事业单位基本养老保险缴费", _INSURANCE, "2080505", 953_694, True),
    BasicItem("职业年金缴费", _INSURANCE, "2080506", 476_847, True),
    BasicItem("职工基本医疗保险缴费", _INSURANCE, "2101101", 417_241, True),
    BasicItem("其他社会保障缴费", _INSURANCE, "2130301", 29_803, True),
    BasicItem("住房公积金", "住房公积金", "2210201", 858_325, True),
)
GOODS = (
    BasicItem("办公费", _OFFICE, "2130301", 186_420, False),
    BasicItem("印刷费", _OFFICE, "2130301", 42_380, False),
    BasicItem("水费", _OFFICE, "2130301", 21_650, False),
    BasicItem("电费", _OFFICE, "2130301", 68_945, False),
    BasicItem("邮电费", _OFFICE, "2130301", 53_216, False),
    BasicItem("差旅费", _OFFICE, "2130301", 127_484, False),
    BasicItem("维修（护）费", "维修（护）费", "2130301", 36_540, False),
    BasicItem("会议费", "会议费", "2130301", 25_800, False),
    BasicItem("培训费", "培训费", "2130301", 38_615, False),
    BasicItem("公务接待费", "公务接待费", "2130301", 18_660, False),
    BasicItem("工会经费", _OFFICE, "2130301", 119_212, False),
    BasicItem("福利费", _OFFICE, "2130301", 74_355, False),
    BasicItem("公务用车运行维护费", "公务用车运行维护费", "2130301", 50_340, False),
    BasicItem("其他交通费用", _OFFICE, "2130301", 396_720, False),
    BasicItem("其他商品和服务支出", "其他商品和服务支出", "2130301", 47_915, False),
)
PERSONS = (BasicItem("退休费", "离退休费", "2080501", 312_468, True),)
GROUPS = (("工资福利支出", WAGES), ("商品和服务支出", GOODS), ("对个人和家庭的补助", PERSONS))

RUNNING_PROJECTS = (
    Project("水利规划编制与评审", "2130304", 286_540),
    Project("水行政执法巡查与装备更新", "2130309", 168_375),
    Project("节水型社会建设与用水监管", "2130311", 318_925),
)
TARGET_PROJECTS = (
    Project("小型水库除险加固工程", "2130305", 1_864_220),
    Project("城区排涝泵站运行维护", "2130306", 1_483_615),
    Project("河道堤防日常养护", "2130306", 726_484),
    Project("防汛物资储备与应急值守", "2130314", 642_744),
)
CARRIED_PROJECTS = (
    Project("小型水库除险加固工程（上年结转）", "2130305", 348_165),
    Project("山洪灾害监测预警设施维修", "2130314", 126_444),
)


def wan(yuan: int) -> str:
    """Whole yuan as printed: 万元 with two decimals, rounded half up."""
    return str((Decimal(yuan) / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP))


def wan_or_blank(yuan: int) -> str:
    """As `wan`, with a blank for nothing, as most tables print it."""
    return wan(yuan) if yuan else ""


def total(entries: tuple[BasicItem, ...] | tuple[Project, ...]) -> int:
    """Whole yuan of all entries."""
    return sum(entry.yuan for entry in entries)


def basic(code: str) -> int:
    """Basic spending of this year under a code and all codes below it; the empty code means everything."""
    return sum(item.yuan for _, items in GROUPS for item in items if item.code.startswith(code))


def projects(code: str) -> int:
    """Project spending from this year's money under a code."""
    return sum(p.yuan for p in RUNNING_PROJECTS + TARGET_PROJECTS if p.code.startswith(code))


def carried(code: str) -> int:
    """Project spending from last year's balance under a code."""
    return sum(p.yuan for p in CARRIED_PROJECTS if p.code.startswith(code))


def staff_cost() -> int:
    """Whole yuan of 人员经费."""
    return total(WAGES) + total(PERSONS)


def office_cost() -> int:
    """Whole yuan of 公用经费, which is the 机关运行经费 of this one administrative unit."""
    return total(GOODS)
