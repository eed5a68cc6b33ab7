"""Names of streams: ``account/632221/NORMALISED-2019`` is of organisation 632221."""


def owner_of(stream: str) -> str:
    """
    The organisation that a stream of one organisation belongs to; empty if it names none.

    >>> owner_of("roster/632221/0190")
    '632221'
    """
    return stream.partition("/")[2].partition("/")[0]
