"""Checks of erasure, linking and reading of identities."""

from collections.abc import Iterator

from admission.case import Case
from domain.person import READING_MAX
from domain.refusals import Refusal


def speaker_above(case: Case) -> Iterator[Refusal]:
    """
    Who links or erases persons stands above everybody who has paid them.

    Of whom the log knows no attested payment, nobody can say where they belong: then it takes a key
    for the whole.
    """
    submission, subtree = case.submission, case.publisher.subtree
    for name in (submission.person, getattr(submission, "other", submission.person)):
        person = case.state.person(name)
        home = (person and person.home) or case.state.get("root")
        if not case.state.within(home, subtree):
            yield Refusal("NOT_AUTHORISED", why="PERSON")
            return


def person_not_erased(case: Case) -> Iterator[Refusal]:
    """A person is erased once."""
    person = case.state.person(case.submission.person)
    if person is not None and person.erased:
        yield Refusal("PERSON_ERASED")


def retention_over(case: Case) -> Iterator[Refusal]:
    """Nobody is erased while a record that names them must be kept."""
    person = case.state.person(case.submission.person)
    if person is not None and case.today < person.kept_until:
        yield Refusal("RETENTION_RUNS", free_on=person.kept_until, position=person.kept_by)


def two_persons(case: Case) -> Iterator[Refusal]:
    """Two ids that were not linked before."""
    submission = case.submission
    first, second = case.state.person(submission.person), case.state.person(submission.other)
    if submission.person == submission.other or (first is not None and first is second):
        yield Refusal("PERSONS_LINKED")
    elif any(person is not None and person.erased for person in (first, second)):
        yield Refusal("PERSON_ERASED")


def reading_bounded(case: Case) -> Iterator[Refusal]:
    """A reading names at least one person and at most 500."""
    count = len(case.submission.persons)
    if not 0 < count <= READING_MAX:
        yield Refusal("READING_TOO_LARGE", count=count, limit=READING_MAX)
