"""docs/settings.md: every setting, as the code has it."""

from pathlib import Path

from pydantic import SecretStr

from app.environment import variable
from app.settings import FILE_SUFFIX, Settings, choices, meaning

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"


def _row(name: str) -> str:
    """The line of one setting."""
    field = Settings.model_fields[name]
    secret = field.annotation is SecretStr
    words = meaning(name)
    values = " \\| ".join(f"`{choice}`" for choice in choices(name) if choice.islower())
    values = values or " \\| ".join(f"`{choice}`" for choice in choices(name) if choice.isupper())
    default = "" if secret or field.default in {None, ""} else f"`{field.default}`"
    file = f", or `{variable(name)}{FILE_SUFFIX}`" if secret else ""
    shown = f"{default} of {values}" if values and default else default
    return f"| `{variable(name)}`{file} | {shown} | {words.zh} | {words.en} |"


def test_every_setting_is_documented_as_it_is() -> None:
    """A line for each; when this fails, the message is the line to write."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert [row for row in map(_row, Settings.model_fields) if row not in lines] == []


def test_no_line_speaks_of_a_setting_that_is_gone() -> None:
    """The document has no other lines of settings."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `HENGWEN_")]
    assert rows == [_row(name) for name in Settings.model_fields]
