"""A document's parameters, made ready before an event comes, and what their notes say."""

from collections.abc import Iterable, Sequence

from common import documents
from common.errors import ConfigurationError
from sensor import parameters
from sensor.spec import Parameter


def prepared(entries: Sequence[Parameter], place: str) -> parameters.Prepared:
    """Work out what can be known of a document's parameters before an event comes. Raises `ConfigurationError`."""
    made = [_parameter(entry, documents.path([number], place)) for number, entry in enumerate(entries)]
    return parameters.prepare(made, place=place)


def words(notes: Iterable[parameters.Note]) -> tuple[str, ...]:
    """Write notes as the log and `argosy explain` tell them."""
    return tuple(f"{note.place}: {note.used} of {note.dependency} used: {note.why}" for note in notes)


def _parameter(entry: Parameter, place: str) -> parameters.Parameter:
    source = entry.src
    if source is None:
        raise ConfigurationError(f"{place}.src: parameter source can't be empty")
    return parameters.Parameter(
        parameters.Source(
            dependency_name=source.dependency_name,
            context_key=source.context_key,
            context_template=source.context_template,
            data_key=source.data_key,
            data_template=source.data_template,
            value=source.value,
            use_raw_data=source.use_raw_data,
        ),
        dest=entry.dest,
        operation=entry.operation,
    )
