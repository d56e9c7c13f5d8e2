"""The rules that findings come from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from detect.registry import Rule, all_rules
from models.errors import NotFound
from service.api.etags import tagged_json
from service.api.shapes import Listing, Shape, problems
from service.deps import Reader

router = APIRouter(prefix="/rules", tags=["规则"])


class RuleOut(Shape):
    """One rule."""

    id: Annotated[str, Field(description="规则编号，永不改作他用", examples=["AR001"])]
    name: Annotated[str, Field(description="检查什么", examples=["合计等于所属各行之和"])]
    severity: str
    category: str
    basis: Annotated[str, Field(description="依据的规定")]

    @classmethod
    def of(cls, rule: Rule) -> RuleOut:
        """A rule as it is shown outside."""
        return cls(id=rule.id, name=rule.name, severity=rule.severity, category=rule.category, basis=str(rule.basis))


@router.get("", summary="全部规则")
def rules(request: Request, person: Reader) -> Listing[RuleOut]:
    """All rules by id."""
    return tagged_json(request, Listing[RuleOut](items=[RuleOut.of(rule) for rule in all_rules()], next=""))  # type: ignore[return-value]


@router.get("/{rule_id}", summary="一条规则", responses=problems(404))
def rule(
    request: Request,
    person: Reader,
    rule_id: Annotated[str, Path(max_length=16, description="规则编号", examples=["AR001"])],
) -> RuleOut:
    """One rule."""
    found = next((rule for rule in all_rules() if rule.id == rule_id), None)
    if found is None:
        raise NotFound(f"没有编号为“{rule_id}”的规则", "请从规则列表里选取")
    return tagged_json(request, RuleOut.of(found))  # type: ignore[return-value]
