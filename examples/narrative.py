"""The text of the sample around its tables; every figure in it is computed from the same whole yuan."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from examples.forms import goods_yuan
from examples.items import Item, PageBreak, Text
from examples.water_bureau import (
    BUREAU,
    CITY,
    FUNCTION_NAMES,
    GOODS,
    PERSONS,
    RUNNING_PROJECTS,
    TARGET_PROJECTS,
    WAGES,
    YEAR,
    basic,
    carried,
    office_cost,
    projects,
    staff_cost,
    total,
    wan,
)

# What last year's disclosure printed, in 万元.
LAST_TOTAL, LAST_GENERAL, LAST_OFFICE = "1562.40", "1538.16", "126.48"
LAST_GUESTS, LAST_CARS = "2.10", "5.40"
BOUGHT_GOODS, BOUGHT_WORKS, BOUGHT_SERVICES = "38.60", "112.00", "46.35"
HOSPITALITY_HEADING = "七、“三公”经费增减变动原因说明"


def _heading(text: str) -> Text:
    return Text(text, "heading", 11.0, indent_em=2.0, bold=True, before_pt=5.0)


def _part(text: str) -> Text:
    return Text(text, "heading", 16.0, "center", bold=True, before_pt=4.0)


def _body(text: str) -> Text:
    return Text(text, leading=1.62)


def change(now: str, before: str) -> str:
    """`比上年增加…万元，增长…%`, from the two printed amounts."""
    difference = Decimal(now) - Decimal(before)
    if not difference:
        return "与上年持平"
    more, up = ("增加", "增长") if difference > 0 else ("减少", "下降")
    return f"比上年{more}{abs(difference)}万元，{up}{percent(str(abs(difference)), before)}"


def percent(part: str, whole: str) -> str:
    """Share of two printed amounts, in percent with two decimals, rounded half up."""
    share = Decimal(part) / Decimal(whole) * 100
    return f"{share.quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def front() -> tuple[Item, ...]:
    """Cover and 第一部分."""
    return (
        Text(BUREAU, "title", 30.0, "center", bold=True, before_pt=190.0),
        Text(f"{YEAR}年度部门预算公开", "title", 24.0, "center", bold=True, before_pt=20.0),
        Text(f"{YEAR}年2月", "paragraph", 14.0, "center", before_pt=250.0),
        PageBreak(),
        _part("第一部分 概况"),
        _heading("一、本部门职责"),
        _body(f"{BUREAU}是{CITY}人民政府工作部门，负责全市水资源的统一管理和水利工程的运行监督，主要职责是："),
        _body("（一）拟订全市水利发展规划和年度计划，组织编制重要河流的综合治理方案，并监督实施。"),
        _body("（二）负责生活、生产和生态用水的统筹安排，组织实施取水许可和用水总量控制，指导节约用水工作。"),
        _body("（三）负责水库、泵站、堤防等水利设施的运行管理与安全监督，组织病险水库的除险加固。"),
        _body("（四）负责水情旱情的监测预警，承担防汛物资的储备与调度，做好汛期值守和抢险技术支撑。"),
        _body("（五）负责水行政执法，查处违法取水、侵占河道等行为，协调处理跨乡镇的水事纠纷。"),
        _heading("二、机构设置情况"),
        _body(
            f"{BUREAU}内设办公室、规划计划科、水资源管理科、工程运行科、水旱灾害防御科、执法监督科6个职能科室，"
            f"无下属独立核算单位。纳入{YEAR}年部门预算编制范围的单位共1家，为{BUREAU}本级，属行政单位。"
        ),
        PageBreak(),
    )


def explanation() -> tuple[Item, ...]:
    """第三部分 and 第四部分."""
    return (
        _part(f"第三部分 {YEAR}年度部门预算情况说明"),
        *_income_and_spending(),
        *_general_budget(),
        *_hospitality(),
        *_rest(),
        _part("第四部分 名词解释"),
        _body("基本支出：为保障机构正常运转、完成日常工作任务而发生的人员支出和公用支出。"),
        _body("项目支出：在基本支出之外，为完成特定工作任务和事业发展目标所发生的支出。"),
        _body("机关运行经费：为保障行政单位运行，用于购买货物和服务的各项公用经费。"),
    )


def _income_and_spending() -> tuple[Item, ...]:
    year, left, everything = (wan(y) for y in (_year(), carried(""), _year() + carried("")))
    project = wan(projects("") + carried(""))
    classes = "、".join(
        f"{name}{wan(basic(code) + projects(code) + carried(code))}万元"
        for code, name in FUNCTION_NAMES.items()
        if len(code) == 3
    )
    return (
        _heading("一、部门预算收支数据变动情况及原因"),
        _body(
            f"{YEAR}年度{BUREAU}收入总计{everything}万元，其中本年收入{year}万元，上年结转{left}万元。收入总计"
            f"{change(everything, LAST_TOTAL)}，主要原因是小型水库除险加固工程进入集中施工期，项目支出安排增加。"
            f"支出总计{everything}万元，其中当年预算安排{year}万元，上年结转安排{left}万元。"
        ),
        _heading("二、收入预算情况说明"),
        _body(
            f"{YEAR}年度{BUREAU}预算收入{everything}万元，包括：一般公共预算拨款收入{year}万元，占"
            f"{percent(year, everything)}；上年结转{left}万元，占{percent(left, everything)}。"
        ),
        _heading("三、支出预算情况说明"),
        _body(
            f"{YEAR}年度{BUREAU}预算支出{everything}万元，其中：基本支出{wan(basic(''))}万元，占"
            f"{percent(wan(basic('')), everything)}；项目支出{project}万元，占{percent(project, everything)}。"
        ),
        _heading("四、财政拨款收支预算总体情况说明"),
        _body(
            f"{YEAR}年度{BUREAU}财政拨款收支总预算{everything}万元。收入包括：当年拨款收入{year}万元，"
            f"上年结转{left}万元。支出包括：{classes}。"
        ),
    )


def _year() -> int:
    """Whole yuan of this year's money."""
    return basic("") + projects("")


def _general_budget() -> tuple[Item, ...]:
    year = wan(_year())
    shares = []
    for code, name in FUNCTION_NAMES.items():
        if len(code) == 3:
            amount = wan(basic(code) + projects(code))
            shares.append(f"{name}{amount}万元，占{percent(amount, year)}")
    names = {items: "、".join(item.name for item in items) for items in (WAGES, GOODS, PERSONS)}
    return (
        _heading("五、一般公共预算支出情况说明"),
        _body(
            f"（一）规模变化情况。{YEAR}年度{BUREAU}一般公共预算当年支出{year}万元，{change(year, LAST_GENERAL)}，"
            "主要原因是水利工程建设和防汛支出增加。"
        ),
        _body(f"（二）结构情况。一般公共预算当年支出{year}万元，主要用于以下方面：{'；'.join(shares)}。"),
        _heading("六、一般公共预算基本支出情况说明"),
        _body(
            f"{YEAR}年度{BUREAU}一般公共预算安排基本支出{wan(basic(''))}万元，其中：人员经费{wan(staff_cost())}万元，"
            f"主要包括{names[WAGES]}、{names[PERSONS]}；公用经费{wan(office_cost())}万元，主要包括{names[GOODS]}。"
        ),
    )


def _hospitality() -> tuple[Item, ...]:
    guests, cars = (wan(goods_yuan(name)) for name in ("公务接待费", "公务用车运行维护费"))
    now, before = (str(Decimal(a) + Decimal(b)) for a, b in ((guests, cars), (LAST_GUESTS, LAST_CARS)))
    return (
        _heading(HOSPITALITY_HEADING),
        _body(
            f"{YEAR}年财政拨款安排“三公”经费{now}万元，比上年减少{Decimal(before) - Decimal(now)}万元，主要原因是"
            f"压减一般性开支。其中：因公出国（境）费0.00万元，与上年持平；公务接待费{guests}万元，比上年减少"
            f"{Decimal(LAST_GUESTS) - Decimal(guests)}万元；公务用车购置费0.00万元，与上年持平；公务用车运行维护费"
            f"{cars}万元，比上年减少{Decimal(LAST_CARS) - Decimal(cars)}万元。"
        ),
    )


def _rest() -> tuple[Item, ...]:
    bought = sum((Decimal(part) for part in (BOUGHT_GOODS, BOUGHT_WORKS, BOUGHT_SERVICES)), Decimal(0))
    running, target = total(RUNNING_PROJECTS), total(TARGET_PROJECTS)
    return (
        _heading("八、机关运行经费增减变动原因说明"),
        _body(
            f"{YEAR}年本部门1家行政单位机关运行经费财政拨款预算{wan(office_cost())}万元，"
            f"{change(wan(office_cost()), LAST_OFFICE)}，主要原因是在职人员增加，其他交通费用相应增加。"
        ),
        _heading("九、政府采购情况"),
        _body(
            f"{YEAR}年{BUREAU}政府采购预算总额{bought}万元，其中：政府采购货物预算{BOUGHT_GOODS}万元，"
            f"政府采购工程预算{BOUGHT_WORKS}万元，政府采购服务预算{BOUGHT_SERVICES}万元。"
        ),
        _heading("十、绩效管理情况"),
        _body(
            f"{YEAR}年纳入绩效目标管理的项目{len(RUNNING_PROJECTS) + len(TARGET_PROJECTS)}个，涉及金额"
            f"{wan(running + target)}万元。其中：其他运转类项目{len(RUNNING_PROJECTS)}个，金额{wan(running)}万元；"
            f"特定目标类项目{len(TARGET_PROJECTS)}个，金额{wan(target)}万元。项目绩效目标表随本公开文件另附。"
        ),
        _heading("十一、国有资产占有使用情况"),
        _body(
            f"截至{YEAR - 1}年12月31日，{BUREAU}公务用车编制3辆，实有3辆，其中：机要通信用车1辆，应急保障用车2辆。"
            "办公用房建筑面积1620.50平方米。单价100万元（含）以上设备0台（套）。"
        ),
        _heading("十二、其他说明"),
        _body("本部门没有需要另行说明的事项。"),
    )
