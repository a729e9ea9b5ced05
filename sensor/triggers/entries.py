"""A document's parameters, made ready before an event comes."""

from collections.abc import Sequence

from common import documents
from common.errors import ConfigurationError
from sensor import parameters
from sensor.spec import Parameter


def prepared(entries: Sequence[Parameter], place: str) -> parameters.Prepared:
    """Work out what can be known of a document's parameters before an event comes."""
    return parameters.prepare([_parameter(entry) for entry in entries], place=documents.path((), place))


def _parameter(entry: Parameter) -> parameters.Parameter:
    source = entry.src
    if source is None:
        raise ConfigurationError("parameter source can't be empty")
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
