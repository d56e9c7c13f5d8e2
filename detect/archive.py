"""What rules ask of the documents remembered so far, and an archive that keeps them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from detect.duplicates import BandIndex, fingerprints, likeness
from models.archive import Excerpt, Memory, Observation, ObservationKind, Source
from models.report import DocumentKind


@dataclass(frozen=True, slots=True)
class Peer:
    """A remembered number with the document that prints it."""

    source: Source
    observation: Observation


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A remembered passage that is nearly the same as a given text.

    Attributes:
        alike: of the two skeletons, between 0 and 1.
    """

    source: Source
    excerpt: Excerpt
    alike: float


@dataclass(frozen=True, slots=True)
class Resemblances:
    """What resembles some texts.

    Attributes:
        of: for each text, in order, what resembles it; passages of one document that are equal stand for each other.
        skipped: buckets of phrases that were too many to be compared.
    """

    of: tuple[tuple[Resemblance, ...], ...]
    skipped: int


Years = tuple[int, int]


class Archive(Protocol):
    """The documents that others are compared with; a document is never compared with an earlier version of itself."""

    def count_entities(self, *, besides: Source, most: int, region: str | None = None) -> int:
        """How many other organisations are remembered, of one region where one is given; counted up to `most`."""

    def find(self, entity: str, scope: str, kind: DocumentKind, year: int) -> Source | None:
        """The disclosure of one organisation for one year; None when it is not remembered."""

    def observations(self, source: Source, kind: ObservationKind) -> Sequence[Observation]:
        """The observations of one kind of one document, in its order."""

    def excerpts(self, source: Source) -> Sequence[Excerpt]:
        """The passages of one document, in its order."""

    def peers(
        self, kind: ObservationKind, item: str, unit: str, *, besides: Source, years: Years | None = None
    ) -> Sequence[Peer]:
        """The same number in other documents, ordered by key of the source.

        `years` are the first and the last of the documents that are wanted; those that state no year are never left
        out. An archive of many documents may leave out some: of very many it keeps those of the latest years, of
        one year those remembered last, and as many of the region of `besides`.
        """

    def changes(self, item: str, unit: str, *, besides: Source) -> Sequence[tuple[Peer, Peer]]:
        """An amount of other organisations in the year of `besides` and in the year before.

        Both are from documents of one kind and scope. Ordered and bounded as `peers`.
        """

    def resembling(self, skeletons: Sequence[str], *, besides: Source) -> Resemblances:
        """Passages of all other documents whose skeletons are nearly the same, ordered by likeness and key."""


class GrowingArchive(Archive, Protocol):
    """An archive that documents can be added to while it is asked."""

    def add(self, memories: Iterable[Memory]) -> None:
        """Remember documents; one takes the place of a former one with its key or its sha256."""


class ArchiveInMemory:
    """An archive that is gone with the process."""

    def __init__(self, memories: Iterable[Memory] = ()) -> None:
        self._memories: dict[str, Memory] = {}
        self._index: tuple[BandIndex, list[str], dict[str, list[tuple[Source, Excerpt]]]] | None = None
        self.add(memories)

    def add(self, memories: Iterable[Memory]) -> None:
        for memory in memories:
            former = [key for key, old in self._memories.items() if old.source.sha256 == memory.source.sha256]
            for key in former:
                del self._memories[key]
            self._memories[memory.source.key] = memory
        self._index = None

    def sources(self) -> list[Source]:
        return [self._memories[key].source for key in sorted(self._memories)]

    def count_entities(self, *, besides: Source, most: int, region: str | None = None) -> int:
        sources = (memory.source for memory in self._memories.values())
        found = {source.entity for source in sources if region is None or source.region == region}
        return min(most, len(found - {"", besides.entity}))

    def find(self, entity: str, scope: str, kind: DocumentKind, year: int) -> Source | None:
        memory = self._memories.get(Source("", "", entity, kind, year, scope).key)
        return memory.source if memory is not None and entity else None

    def observations(self, source: Source, kind: ObservationKind) -> list[Observation]:
        memory = self._memories.get(source.key)
        return [item for item in memory.observations if item.kind == kind] if memory is not None else []

    def excerpts(self, source: Source) -> list[Excerpt]:
        memory = self._memories.get(source.key)
        return list(memory.excerpts) if memory is not None else []

    def peers(
        self, kind: ObservationKind, item: str, unit: str, *, besides: Source, years: Years | None = None
    ) -> list[Peer]:
        return [
            Peer(other.source, observation)
            for _, other in sorted(self._memories.items())
            if not is_same(other.source, besides) and _is_of(other.source, years)
            for observation in other.observations
            if (observation.kind, observation.item, observation.unit) == (kind, item, unit)
        ]

    def changes(self, item: str, unit: str, *, besides: Source) -> list[tuple[Peer, Peer]]:
        return paired(self, item, unit, besides)

    def resembling(self, skeletons: Sequence[str], *, besides: Source) -> Resemblances:
        if self._index is None:
            where: dict[str, list[tuple[Source, Excerpt]]] = {}
            for _, memory in sorted(self._memories.items()):
                for excerpt in memory.excerpts:
                    where.setdefault(excerpt.skeleton, []).append((memory.source, excerpt))
            self._index = BandIndex(fingerprints(list(where))), list(where), where
        index, distinct, where = self._index
        candidates, skipped = index.candidates(fingerprints(skeletons))
        found: list[list[Resemblance]] = []
        for skeleton, near in zip(skeletons, candidates, strict=True):
            texts = [distinct[other] for other in near.tolist()]
            scores = likeness(skeleton, texts)
            found.append(
                [
                    Resemblance(source, excerpt, score)
                    for text, score in zip(texts, scores, strict=True)
                    if score
                    for source, excerpt in where[text]
                    if not is_same(source, besides)
                ]
            )
        return Resemblances(tuple(ranked(each) for each in found), skipped)


def paired(archive: Archive, item: str, unit: str, besides: Source) -> list[tuple[Peer, Peer]]:
    """`Archive.changes` of an archive that is asked for the peers of two years."""
    if besides.year is None:
        return []
    found = archive.peers("total", item, unit, besides=besides, years=(besides.year - 1, besides.year))
    before = {peer.source.key: peer for peer in found}
    pairs = []
    for peer in found:
        own = peer.source
        if own.entity and own.entity != besides.entity and own.year == besides.year:
            last = before.get(replace(own, year=own.year - 1).key)
            pairs += [(peer, last)] if last is not None else []
    return pairs


def _is_of(source: Source, years: Years | None) -> bool:
    return years is None or source.year is None or years[0] <= source.year <= years[1]


def is_same(one: Source, other: Source) -> bool:
    """Whether two sources are one document, or two versions of one disclosure."""
    return one.key == other.key or one.sha256 == other.sha256


def ranked(found: Iterable[Resemblance]) -> tuple[Resemblance, ...]:
    """The most alike first, one for each document and skeleton."""
    ordered = sorted(found, key=lambda item: (-item.alike, item.source.key, item.excerpt.page, item.excerpt.label))
    kept: dict[tuple[str, str], Resemblance] = {}
    for item in ordered:
        kept.setdefault((item.source.key, item.excerpt.skeleton), item)
    return tuple(kept.values())
