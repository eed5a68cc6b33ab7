"""What an export asks of a log, beside what is in the pack."""

from contextlib import closing
from pathlib import Path

import pytest
from evidence_logs import signer
from packs import EXPORTED_AT, log_of, ordered, programme, stored, written
from programme import COUNTY, OTHER_COUNTY, ROOT, TOWN

from domain import submissions as s
from domain.events import OrganisationMoved
from eventlog.contract import StoredRecord
from eventlog.copy_targets import EmbeddedTarget
from eventlog.embedded import EmbeddedLog
from evidence.checkpoints import Checkpoint
from evidence.pack import Wanted, export


class CountingLog(EmbeddedLog):
    """A log that counts the events read."""

    events = 0

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Events, counted."""
        found = super().read_events(after=after, limit=limit, timeout_s=timeout_s)
        self.events += len(found)
        return found


@pytest.mark.parametrize("organisation", [None, COUNTY])
def test_an_export_reads_the_log_twice_and_tells_of_all_of_it(
    organisation: str | None, tmp_path: Path
) -> None:
    """Once for keys, redactions and the part, once for the pack; the bar ends where it should."""
    made = programme()
    log_of(made, tmp_path).close()
    told: list[int] = []
    with closing(CountingLog(tmp_path / "log.sqlite", made.name)) as log:
        export(
            log, [], tmp_path / "pack", Wanted(organisation),
            exported_at=EXPORTED_AT, progress=told.append,
        )  # fmt: skip
        assert log.events == sum(told) == 2 * len(made.verdicts)


def test_a_note_that_claims_more_than_was_signed_adds_nothing_to_a_part(tmp_path: Path) -> None:
    """What came below an organisation after the newest checkpoint is no part of it there."""
    made = programme()
    made.do(
        s.RecordVisit, organisation=TOWN, visit=made.fresh(), occasion="DAILY",
        visitors=["p-staffaaaaqqqqqqqqqqqqqqq"], person=None, work_region=None, document=None,
    )  # fmt: skip
    signed = len(made.verdicts)
    values = [verdict.value for verdict in made.verdicts]
    log = written(tmp_path, made.name, made.submitted, values)
    moved = made.do(
        s.MoveOrganisation, made.operator, organisation=ROOT, code=TOWN, parent=OTHER_COUNTY
    )
    assert isinstance(moved, OrganisationMoved)
    target = EmbeddedTarget(log)
    target.take_submissions([ordered(signed, made.submitted[signed])])
    target.take_events([stored(signed, made.verdicts[signed].value, made.at)])

    claim = Checkpoint(f"example.org/{made.name}", signed + 1, bytes(32)).signed([signer("nobody")])
    wanted = Wanted(OTHER_COUNTY)
    with closing(log):
        plain = export(log, [], tmp_path / "plain", wanted, exported_at=EXPORTED_AT)
        claimed = export(log, [claim], tmp_path / "claimed", wanted, exported_at=EXPORTED_AT)

    assert (plain.size, claimed.size) == (signed, signed)
    assert plain.counts["events"] == claimed.counts["events"]
    assert {name for name, file in plain.files.items() if file != claimed.files.get(name)} == {
        "checkpoints.avro"
    }
