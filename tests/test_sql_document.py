"""What docs/sql.md says of the views is so: names, columns, types, examples, how to get there."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded_postgres import EmbeddedPostgres
from projections import store
from projections.models import MODELS

TEXT = (Path(__file__).parents[1] / "docs" / "sql.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### `api\.(.+?)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"```sql\n(.*?)```", re.DOTALL)
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, a.attnum"""
FUNCTIONS = """
    SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid)
    FROM pg_proc WHERE pronamespace = 'api'::regnamespace"""
ROLE = EXAMPLE.findall(TEXT.partition("## 视图")[0])[0]


@pytest.fixture
def connection(postgres_dsn: str) -> Iterator[psycopg.Connection]:
    """A database with every view, as the owner."""
    with store.connect(postgres_dsn) as opened:
        store.prepare(opened, MODELS)
        yield opened


def _short(sql_type: str) -> str:
    return sql_type.replace("timestamp with time zone", "timestamptz").replace(
        '"position"', "position"
    )


def test_every_view_is_there_with_its_columns(connection: psycopg.Connection) -> None:
    """A column that comes or goes changes the page in the same commit."""
    real: dict[str, list[tuple[str, str]]] = {}
    for view, column, kind in connection.execute(COLUMNS):
        real.setdefault(view, []).append((column, _short(kind)))
    told = {
        name: re.findall(r"`(\w+)` ([a-z\[\]]+)", body.partition("```")[0])
        for name, body in SECTION.findall(TEXT)
        if "(" not in name
    }
    assert told == real


def test_every_function_is_there_with_its_arguments(connection: psycopg.Connection) -> None:
    """And with what it returns."""
    real = {
        f"{name}({_short(arguments)})": _short(result)
        for name, arguments, result in connection.execute(FUNCTIONS)
    }
    told = {
        name: re.findall(r"^Returns (.*)$", body, re.MULTILINE)[0]
        for name, body in SECTION.findall(TEXT)
        if "(" in name
    }
    assert told == real


def test_every_example_runs_by_a_role_that_may_only_read(postgres_dsn: str) -> None:
    """The role of the page, made before anything else, reads all of it and writes none."""
    with store.connect(postgres_dsn) as owner:
        owner.execute("DROP ROLE IF EXISTS reader")
        try:
            owner.execute(ROLE)
            store.prepare(owner, MODELS)
            owner.execute("SET ROLE reader")
            examples = [EXAMPLE.findall(body) for _, body in SECTION.findall(TEXT)]
            assert {len(found) for found in examples} == {1}
            for [example] in examples:
                owner.execute(example)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("DELETE FROM model_payments.payments")
        finally:
            owner.execute("RESET ROLE; DROP OWNED BY reader; DROP ROLE reader")


def test_the_embedded_database_is_reached_through_its_socket(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Under the path and the names of the page, as long as somebody keeps it open."""
    home = tmp_path_factory.mktemp("home")  # short: the socket of a long path is elsewhere
    where = re.findall(r'psql "(host=.*?)"', TEXT)[0].replace("$HENGWEN_HOME", str(home))
    with EmbeddedPostgres(home / "postgres") as server:
        server.ensure_database("hengwen")
        with psycopg.connect(where) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("hengwen",)
