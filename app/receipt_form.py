"""A receipt on paper: what was paid, and a QR code that holds the whole proof."""

import html
from collections.abc import Sequence
from typing import Final

import segno

from app.output import Lang
from app.problems import Words

TITLE: Final = Words("发放凭证", "Payment receipt")
SCAN: Final = Words(
    "二维码内即完整凭证。扫描所得文字存为文件,任何人都可离线核验:",
    "The code holds the whole proof. Save the scanned text to a file; anyone can check it offline:",
)
SCAN_ALL: Final = Words(
    "凭证较大,分为 {count} 个二维码:依次扫描,文字首尾相接。",
    "The receipt is large and takes {count} codes: scan them in order and join the texts.",
)
ONE_CODE_MAX: Final = 3_000
"""Letters of one code that a telephone still reads from paper: version 33."""
PART_VERSION: Final = 27
PARTS_MAX: Final = 16
"""As many codes belong together at most (ISO/IEC 18004, structured append)."""
COMMAND: Final = "hengwen receipt verify FILE --key "
STYLE: Final = """
@page { size: A4; margin: 18mm }
body { font-family: "Noto Serif CJK SC", "Songti SC", SimSun, serif; color: #000; max-width: 174mm }
h1 { font-size: 20pt; letter-spacing: .2em; margin: 0 0 6mm; border-bottom: .6pt solid #000 }
table { border-collapse: collapse; width: 100%; margin-bottom: 8mm }
th, td { text-align: left; padding: 1.6mm 0; border-bottom: .3pt solid #999; font-size: 11pt;
         font-weight: normal; vertical-align: top; overflow-wrap: anywhere }
th { width: 34mm; color: #444 }
figure { margin: 0; text-align: center } figure svg { width: 105mm; height: 105mm }
p, code { font-size: 9pt; overflow-wrap: anywhere }
"""


class TooLarge(Exception):
    """The receipt does not fit onto paper; the file holds it all the same."""


def form(rows: Sequence[tuple[str, str]], *, dense: str, key: str, lang: Lang) -> str:
    """
    The form as one HTML page without anything from elsewhere.

    *rows* are labels and contents; *dense* is the receipt as the QR code holds it; *key* is the
    log's public key as text.

    Raises:
        TooLarge: sixteen codes do not hold it.
    """
    pictures = [code.svg_inline(border=4, scale=1, omitsize=True) for code in codes(dense)]
    table = "".join(
        f"<tr><th scope=row>{html.escape(label)}<td>{html.escape(content)}"
        for label, content in rows
    )
    chosen = [TITLE, SCAN, *([SCAN_ALL] if len(pictures) > 1 else [])]
    title, *texts = [words.en if lang == "en" else words.zh for words in chosen]
    figures = "".join(f"<figure>{picture}</figure>" for picture in pictures)
    scan = "<br>".join(text.format(count=len(pictures)) for text in reversed(texts))
    return (
        f'<!doctype html><html lang="{"en" if lang == "en" else "zh-CN"}"><meta charset=utf-8>'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1><table>{table}</table>"
        f"{figures}<p>{scan}<br><code>{COMMAND}{html.escape(key)}</code>\n"
    )


def codes(dense: str) -> list[segno.QRCode]:
    """
    The QR codes that hold the letters: one, or several to be read in order.

    Raises:
        TooLarge: sixteen do not hold them.
    """
    if len(dense) <= ONE_CODE_MAX:
        return [segno.make_qr(dense, error="l", boost_error=False)]
    try:
        parts = segno.make_sequence(dense, error="l", version=PART_VERSION, boost_error=False)
    except segno.DataOverflowError:
        raise TooLarge from None
    if len(parts) > PARTS_MAX:
        raise TooLarge
    return list(parts)
