"""
Bytes ↔ records, in Avro single-object encoding.

The functions that read and write a record are generated from its schema: half the time of an
interpreter of schemas, at 5,000 payments a second; each is made when it is first needed, for few
programs meet every record. They keep every check; fastavro is the reference they are tested
against. A value is accepted only if encoding the record again would give the same bytes, so a
record has exactly one digest.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

from schemas.files import MARKER, RECORDS, fingerprint
from schemas.generate import decoder, encoder
from schemas.varint import Canonical

HEADER_BYTES: Final = 10
"""Marker and fingerprint before the body."""


class Unreadable(Exception):
    """
    A value that is not a well-formed record.

    - NotAvro: it does not begin with the single-object marker and a fingerprint
    - UnknownSchema: no record has that fingerprint
    - NotCanonical: the body is not what encoding the record would give
    """


class NotAvro(Unreadable):
    """The value does not begin with C3 01 and eight bytes of fingerprint."""


class UnknownSchema(Unreadable):
    """The fingerprint belongs to no schema of ours."""


class NotCanonical(Unreadable):
    """The body cannot be read, or would be written with other bytes."""


_DECODERS: Final[dict[bytes, Callable[[bytes, int], Any]]] = {}
_ENCODERS: Final[dict[type[Any], Callable[[Any], bytes]]] = {}
_TOPICS: Final = {MARKER + fingerprint(topic): topic for topic in RECORDS}
_HEADERS: Final = {RECORDS[topic]: header for header, topic in _TOPICS.items()}


def topic_of(value: bytes) -> str:
    """
    Full name of the record in *value*, from its fingerprint alone.

    Raises:
        NotAvro: it has no single-object header.
        UnknownSchema: the fingerprint is not ours.
    """
    header = value[:HEADER_BYTES]
    topic = _TOPICS.get(header)
    if topic is None:
        if len(header) < HEADER_BYTES or header[:2] != MARKER:
            raise NotAvro
        raise UnknownSchema
    return topic


def decode(value: bytes) -> Any:
    """
    The record in *value*: an object of the class that has the schema's name as TOPIC.

    Raises:
        NotAvro, UnknownSchema, NotCanonical: see there.
    """
    read = _DECODERS.get(value[:HEADER_BYTES]) or _reader(value)
    try:
        return read(value, HEADER_BYTES)
    except (Canonical, IndexError, UnicodeDecodeError) as error:
        raise NotCanonical from error


def encode(record: Any) -> bytes:
    """
    The bytes of *record*, with marker and fingerprint.

    Raises:
        KeyError: the class has no schema.
        OverflowError, TypeError, ValueError: a field does not fit its schema.
    """
    write = _ENCODERS.get(type(record)) or _writer(type(record))
    try:
        return write(record)
    except struct.error as error:
        raise OverflowError from error


def _reader(value: bytes) -> Callable[[bytes, int], Any]:
    """Make the decoder of the record in *value*."""
    topic = topic_of(value)
    made = _DECODERS[value[:HEADER_BYTES]] = decoder(topic, RECORDS[topic])
    return made


def _writer(kind: type[Any]) -> Callable[[Any], bytes]:
    """Make the encoder of records of *kind*."""
    header = _HEADERS[kind]
    made = _ENCODERS[kind] = encoder(_TOPICS[header], header)
    return made
