"""The ledger's records through the library's mapper."""

from dataclasses import replace

import pytest
from eventsourcing.persistence import (
    InfrastructureFactory,
    JSONTranscoder,
    MapperDeserialisationError,
)
from eventsourcing.utils import Environment
from programme import Programme

from schemas.mapper import AvroMapper


def test_every_verdict_comes_back_as_it_was_stored() -> None:
    """Record to stored event and back is the same record and the same bytes."""
    given = Programme().funded()
    given.pay(1)
    mapper = AvroMapper(JSONTranscoder())
    for verdict in given.verdicts:
        stored = mapper.to_stored_event(verdict.event)
        assert stored.state == verdict.value
        assert mapper.to_domain_event(stored) == verdict.event


def test_a_record_under_another_stream_is_refused() -> None:
    """Headers are an index for tools: what they say must be what the value says."""
    given = Programme().opened()
    mapper = AvroMapper(JSONTranscoder())
    stored = mapper.to_stored_event(given.verdicts[0].event)
    with pytest.raises(MapperDeserialisationError):
        mapper.to_domain_event(replace(stored, originator_id="account/elsewhere/FUND"))
    with pytest.raises(MapperDeserialisationError):
        mapper.to_domain_event(replace(stored, state=b"no record"))


def test_the_library_finds_the_mapper_by_its_topic() -> None:
    """An application of the library reads a ledger by two settings."""
    factory = InfrastructureFactory.construct(
        Environment(
            "App",
            {
                "PERSISTENCE_MODULE": "eventsourcing.popo",
                "MAPPER_TOPIC": "schemas.mapper:AvroMapper",
            },
        )
    )
    assert isinstance(factory.mapper(JSONTranscoder()), AvroMapper)
