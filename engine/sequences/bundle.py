"""The bundle of sequences: the library of published ones, and the enrolments of leads."""

from __future__ import annotations

from dataclasses import dataclass

from domain.sequences.definition import SequenceDefinition
from domain.sequences.loader import parse_sequence
from engine.process.text_parser import TextParser
from engine.sequences.enrolment_store import EnrolmentStore
from engine.sequences.library import SequenceLibrary
from engine.store.mongo import Database

__all__ = ["Sequences", "open_sequences"]


@dataclass(frozen=True)
class Sequences:
    """What sequences there are, and which leads are in them."""

    parser: TextParser[SequenceDefinition]
    library: SequenceLibrary
    enrolments: EnrolmentStore


def open_sequences(database: Database) -> Sequences:
    """Wire the stores; nothing stays open."""
    return Sequences(
        TextParser(parse_sequence, "sequences"), SequenceLibrary(database), EnrolmentStore(database)
    )
