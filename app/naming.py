"""Names of states, uses and codes, as people read them."""

from collections.abc import Mapping
from typing import Final

from app.problems import Words

STATES: Final = {
    "RESERVED": Words("待批", "reserved"),
    "ORDERED": Words("已下达", "ordered"),
    "SETTLED": Words("已发放", "settled"),
    "BOUNCED": Words("已退票", "bounced"),
    "REVERSED": Words("已冲正", "reversed"),
    "RELEASED": Words("随名册退回", "released"),
}
"""States of a payment."""
ROSTER_STATES: Final = {
    "INCOMPLETE": Words("未齐", "incomplete"),
    "COMPLETE": Words("已齐", "complete"),
    "PARTLY_REFUSED": Words("部分拒绝", "partly refused"),
    "APPROVED": Words("已批准", "approved"),
    "REJECTED": Words("已退回", "rejected"),
}
"""States of a roster."""
USES: Final = {
    "ALLOCATION": Words("下拨", "allocation"),
    "PAYMENT": Words("发放", "payment"),
    "RETURN": Words("退回上级", "return"),
    "WITHDRAWAL": Words("退回来源", "withdrawal"),
}
"""What numbered fen are drawn for."""
LOTS: Final = {"GRANT": Words("到账", "grant"), "ALLOCATION": Words("下拨", "allocation")}
"""What makes a lot."""


def named(names: Mapping[str, tuple[str, str]], code: str, lang: str) -> str:
    """The name of a code in one language; the code itself if it has none."""
    pair = names.get(code)
    return code if pair is None else pair[lang == "en"]
