"""The typesetter and the scanner as tests use them: `from tests.typeset import …`; their home is `examples/`."""

from examples.degrade import Damage, Mark, Scan, Seal, damage_page, degrade, scans_to_pdf, scans_to_tiff, write_pngs
from examples.items import Gap, Item, PageBreak, PageStyle, Slot, TableSpec, Text
from examples.typeset import Typeset, font_path, typeset

__all__ = [
    "Damage",
    "Gap",
    "Item",
    "Mark",
    "PageBreak",
    "PageStyle",
    "Scan",
    "Seal",
    "Slot",
    "TableSpec",
    "Text",
    "Typeset",
    "damage_page",
    "degrade",
    "font_path",
    "scans_to_pdf",
    "scans_to_tiff",
    "typeset",
    "write_pngs",
]
