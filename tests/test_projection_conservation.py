"""Conservation: whatever is wrong with money is found, and the account is named."""

from collections.abc import Iterator

import pytest
from histories import RecordedLog, random_history
from projecting import projected

from consumers.conservation import broken_against
from domain.units import Fen
from projections import accounts
from projections.target import Connection

VALUES = random_history(21, 400).values()


@pytest.fixture
def connection(postgres_dsn: str) -> Iterator[Connection]:
    """Read models of a random history."""
    with projected(postgres_dsn, VALUES) as opened:
        yield opened


def _richest(connection: Connection) -> accounts.Balance:
    return max(accounts.balances(connection), key=lambda b: b.free_fen)


def test_a_changed_balance_is_named(connection: Connection) -> None:
    """Somebody adds a fen to one account: that account and both figures are told."""
    account = _richest(connection)
    connection.execute(
        "UPDATE model_balances.balances SET free_fen = free_fen + 1"
        " WHERE organisation = %s AND fund = %s",
        (account.organisation, account.fund),
    )

    assert accounts.broken(connection) == [
        accounts.Broken(
            account.organisation,
            account.fund,
            "free_fen",
            Fen(account.free_fen + 1),
            account.free_fen,
        )
    ]
    assert {row.fund for row in accounts.conserved(connection) if row.difference_fen} == {
        account.fund
    }


def test_balance_and_entries_changed_together_are_found_in_the_log(
    connection: Connection,
) -> None:
    """Tables that agree with each other still have to agree with the log."""
    account = _richest(connection)
    values = {"organisation": account.organisation, "fund": account.fund}
    connection.execute(
        "UPDATE model_balances.balances"
        " SET free_fen = free_fen + 7, granted_fen = granted_fen + 7"
        " WHERE organisation = %(organisation)s AND fund = %(fund)s",
        values,
    )
    connection.execute(
        "UPDATE model_balances.entries SET fen = fen + 7 WHERE position = ("
        " SELECT min(position) FROM model_balances.entries WHERE kind = 'GRANTED'"
        " AND giver = %(organisation)s AND fund = %(fund)s)",
        values,
    )
    assert accounts.broken(connection) == []

    found = broken_against(RecordedLog(VALUES), connection)

    assert {(b.organisation, b.fund, b.what, b.held_fen - b.entries_fen) for b in found} == {
        (account.organisation, account.fund, "free_fen", 7),
        (account.organisation, account.fund, "granted_fen", 7),
    }


def test_the_log_agrees_with_what_was_projected(connection: Connection) -> None:
    """Folding the log again gives every counter of every account."""
    assert broken_against(RecordedLog(VALUES), connection) == []


def test_an_entry_without_its_draws_is_found(connection: Connection) -> None:
    """Fen that left an account must be numbered fen."""
    row = connection.execute("SELECT max(position) FROM model_intervals.draws").fetchone()
    assert row is not None
    connection.execute("DELETE FROM model_intervals.draws WHERE position = %s", row)

    assert [entry.position for entry in accounts.undrawn(connection)] == [row[0]]


def test_a_missing_account_is_found(connection: Connection) -> None:
    """A balance that is gone is as wrong as one that is changed."""
    account = _richest(connection)
    connection.execute(
        "DELETE FROM model_balances.balances WHERE organisation = %s AND fund = %s",
        (account.organisation, account.fund),
    )
    assert (account.organisation, account.fund, "free_fen") in {
        row[:3] for row in accounts.broken(connection)
    }
