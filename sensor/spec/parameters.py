"""Parameters as documents have them (sensor_types.go, TriggerParameter)."""

from common.documents import Model


class Source(Model):
    """Where a parameter's value comes from."""

    dependency_name: str = ""
    context_key: str = ""
    context_template: str = ""
    data_key: str = ""
    data_template: str = ""
    value: str | None = None
    use_raw_data: bool = False


class Parameter(Model):
    """One value of an event and its place in the target."""

    src: Source | None = None
    dest: str = ""
    operation: str = ""
