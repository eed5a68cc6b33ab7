"""The receipt on paper: its QR codes and its page."""

import pytest

from app.receipt_form import TooLarge, codes, form
from evidence import base45

LETTERS = base45.encode(bytes(range(256)) * 200)


def dense(length: int) -> str:
    """A receipt of so many letters."""
    return ("HWR1:" + LETTERS)[:length]


@pytest.mark.parametrize(("length", "expected"), [(500, 1), (3_000, 1), (3_001, 2), (20_000, 10)])
def test_a_large_receipt_takes_several_codes(length: int, expected: int) -> None:
    """All in the dense mode for letters; none larger than a telephone reads."""
    made = codes(dense(length))
    assert len(made) == expected
    assert max(int(code.version) for code in made) <= 33
    assert {code.mode for code in made} == {"alphanumeric"}


def test_a_receipt_that_no_paper_holds_is_refused() -> None:
    """The file still holds it."""
    with pytest.raises(TooLarge):
        codes(dense(60_000))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No script, no link, and whatever stands in the log is text, not HTML."""
    page = form([("机构", "<script>&")], dense=dense(4_000), key="a+b+c", lang="zh")
    assert "&lt;script&gt;&amp;" in page
    assert "<script" not in page
    assert page.count("<svg") == 2
    assert "分为 2 个二维码" in page
    assert "Payment receipt" in form([], dense=dense(9), key="a+b+c", lang="en")
