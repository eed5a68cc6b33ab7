"""
The mapper that lets an application of the ``eventsourcing`` library read a ledger.

Set ``MAPPER_TOPIC=schemas.mapper:AvroMapper`` beside ``PERSISTENCE_MODULE=eventlog.kafka``: stored
events become records of ``domain.events``, whose stream and version are the originator's.
"""

from typing import Any

from eventsourcing.persistence import Mapper, MapperDeserialisationError, StoredEvent

from domain.events import Event
from schemas.codec import Unreadable, decode, encode


class AvroMapper(Mapper[str]):
    """Stored bytes ↔ records. The library's transcoder is not used: it never sees a type."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The record as it is stored."""
        event: Event = domain_event
        return StoredEvent(event.stream, event.version, event.TOPIC, encode(event))

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """
        The record that is stored.

        Raises:
            MapperDeserialisationError: it is no record, or not of the stream it stands in.
        """
        try:
            event = decode(stored_event.state)
        except Unreadable as error:
            raise MapperDeserialisationError(type(error).__name__) from error
        found = (event.stream, event.version, event.TOPIC)
        named = (stored_event.originator_id, stored_event.originator_version, stored_event.topic)
        if found != named:
            raise MapperDeserialisationError("the record is of another stream, version or type")
        return event
