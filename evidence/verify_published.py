"""
What a checkpointer publishes, verified where it lies: checkpoint and hash tiles, and perhaps events.

The public folder shows that a signed tree exists as a whole; with the entry bundles that auditors
get, the events are checked against it too. Submissions are in neither: nothing is decided again.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from evidence.balance_files import EVERY as EVERY_BALANCES
from evidence.checkpoints import Checkpoint, claim_in
from evidence.folder import CHECKPOINT, KEYS
from evidence.folder import EVERY as EVERY_CHECKPOINT
from evidence.key_texts import BadKey
from evidence.keys import KeyHistory
from evidence.reperformance import Step
from evidence.tiles import DRAFT, TileFolder, TileMissing, TileReader
from evidence.tree import TILE_WIDTH
from evidence.verify_roots import tile_roots
from evidence.verify_source import BATCH, Extent, Values, newest_notes
from schemas.containers import ContainerDamaged


class NotPublished(Exception):
    """There is no checkpoint in the folder."""


class PublishedSource:
    """
    A folder with ``public/`` and ``auditors/`` below it, or the public one alone.

    Raises:
        NotPublished: it is none.
    """

    def __init__(self, folder: Path) -> None:
        inside = (folder / "public" / CHECKPOINT).is_file()
        self._public = TileFolder(folder / "public" if inside else folder)
        self._notes = [*_every(self._public), *newest_notes(self._public)]
        claim = self._newest()
        if claim is None:
            raise NotPublished(folder.name)
        places = (folder / "auditors", folder, folder.parent / "auditors")
        self._entries = next(
            (TileFolder(place) for place in places if (place / "tile" / "entries").is_dir()), None
        )
        self.extent = Extent(
            claim.size, claim.size, events=self._entries is not None, submissions=False
        )

    def _newest(self) -> Checkpoint | None:
        """The newest checkpoint; or a later one whose tree is here, if it was about to be published."""
        found = claim_in((self._public.read(CHECKPOINT) or b"").decode("utf-8", "replace"))
        if found is None:
            return None
        claims = {claim for note in self._notes if (claim := claim_in(note)) is not None}
        later = sorted((one for one in claims if one.size > found.size), key=lambda one: -one.size)
        for one in later:
            if tile_roots(self._public, one.size, ()).get(one.size) == one.root:
                return one
        return found

    def events(self) -> Iterator[Values]:
        """The events in the entry bundles."""
        size = self.extent.last
        found: Values = []
        for first in range(0, size if self._entries is not None else 0, TILE_WIDTH):
            assert self._entries is not None  # else the range is empty
            try:
                values = self._entries.entries(first // TILE_WIDTH, min(TILE_WIDTH, size - first))
            except TileMissing as missing:
                raise ContainerDamaged(str(missing)) from missing
            found += enumerate(values, start=first + 1)
            if len(found) >= BATCH:
                yield found
                found = []
        if found:
            yield found

    def steps(self) -> Iterator[list[Step]]:
        """Submissions are not published."""
        return iter(())

    def notes(self) -> list[str]:
        """Every checkpoint and all signed balances that are in the folder."""
        return self._notes

    def balance_proofs(self) -> list[str]:
        """None are published: they name organisations."""
        return []

    def organisation_proofs(self) -> str:
        """None are published: they name organisations."""
        return ""

    def tiles(self) -> TileReader | None:
        """The tiles that are published."""
        return self._public

    def spoiled(self) -> str | None:
        """There is no manifest."""
        return None

    def keys(self) -> KeyHistory:
        """The keys as they are published beside the checkpoint; nobody vouches for them."""
        try:
            return KeyHistory.from_json(self._public.read(KEYS) or b"[]")
        except (ValueError, KeyError, TypeError, RecursionError, BadKey):
            return KeyHistory()


def _every(public: TileFolder) -> Iterator[str]:
    """What was published by size: it binds whoever signed it, also if something else is newest now."""
    for folder in (EVERY_CHECKPOINT, EVERY_BALANCES):
        for place, _, names in os.walk(public.path / folder):
            for name in sorted(names):
                path = (Path(place) / name).relative_to(public.path).as_posix()
                if not name.endswith(DRAFT) and (note := public.read(path)):
                    yield note.decode("utf-8", "replace")
