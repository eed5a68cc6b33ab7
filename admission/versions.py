"""Versions of the rules: which of them this program has, and when it must stop for want of one."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from admission.attempt import Attempt, Refused
from domain.refusals import Refusal
from domain.units import Position

OPENING: Final = "hengwen.OpenLog"


def kind_name(topic: str) -> str:
    """The kind of submission whose schema has that name."""
    return topic.removeprefix("hengwen.")


class RulesMissing(Exception):
    """
    This program lacks a version of the rules, and stops before it decides the next submission.

    *version* is in force, or, if *adopting*, the submission at *position* would put it in force:
    only a program that has the version can compare its lock.
    """

    def __init__(self, version: int, position: Position, *, adopting: bool) -> None:
        super().__init__(version, position)
        self.version = version
        self.position = position
        self.adopting = adopting


class Versions:
    """The versions that this program has, each a module with KINDS and LOCK."""

    def __init__(self, modules: Mapping[int, ModuleType]) -> None:
        self._modules = modules

    def stop_without(self, in_force: int, position: Position) -> None:
        """
        Before anything is decided at *position*: nothing is, if the version in force is missing.

        Raises:
            RulesMissing: it is.
        """
        if in_force and in_force not in self._modules:
            raise RulesMissing(in_force, position, adopting=False)

    def refuse_foreign(self, attempt: Attempt, in_force: int) -> None:
        """
        Refuse whatever has not the schema of a kind in force, also if it cannot be read.

        A newer program reads schemas that an older one does not know. Their verdicts must agree,
        so the version in force says what is a submission, never the schemas a program brings.
        """
        topic = attempt.topic
        if in_force == 0:
            if topic != OPENING:
                attempt.submission = None
                raise Refused(Refusal("LOG_NOT_OPEN"))
        elif topic and kind_name(topic) not in self._modules[in_force].KINDS:
            attempt.submission = None
            raise Refused(Refusal("UNKNOWN_SCHEMA"))

    def of(self, submission: Any, in_force: int, position: Position) -> ModuleType:
        """
        The rules in force; for OpenLog those that it puts in force.

        Raises:
            RulesMissing: this program lacks those.
        """
        if in_force == 0 and submission.first_rules < 1:
            raise Refused(Refusal("RULES_UNKNOWN", version=submission.first_rules))
        return self._adopted(in_force or submission.first_rules, position)

    def lock(self, version: int, *, position: Position) -> bytes:
        """
        The lock digest of a version that the submission at *position* would put in force.

        Raises:
            RulesMissing: this program lacks that version.
        """
        digest: bytes = self._adopted(version, position).LOCK
        return digest

    def _adopted(self, version: int, position: Position) -> ModuleType:
        if version not in self._modules:
            raise RulesMissing(version, position, adopting=True)
        return self._modules[version]
