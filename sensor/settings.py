"""What the sensor takes from its environment besides what both services do (`common.settings`)."""

from pathlib import Path

from pydantic import Field

from common.settings import Settings


class SensorSettings(Settings):
    """The document in one of its three forms, the cluster, and how hard we work."""

    object: str = Field(
        "",
        validation_alias="SENSOR_OBJECT",
        description="The Sensor as base64 of JSON, as Argo Events' controller sets it.",
    )
    file: Path | None = Field(
        None, validation_alias="SENSOR_FILE", description="A YAML file that holds the Sensor, as the chart mounts it."
    )
    options: str = Field(
        "",
        validation_alias="SENSOR_OPTIONS",
        description="With SENSOR_OBJECT: JSON of the `argosy:` blocks, which its controller strips: {triggers: {<name>: {…}}}.",
    )
    name: str = Field("", validation_alias="SENSOR_NAME", description="Without a document: name of the sensor.")
    dependency: str = Field(
        "", validation_alias="SENSOR_DEPENDENCY", description="Without a document: the event to wait for, `eventSource/event`."
    )
    workflow_file: Path | None = Field(
        None, validation_alias="WORKFLOW_FILE", description="Without a document: a YAML file with the Workflow to create."
    )
    workflow_template: str = Field(
        "",
        validation_alias="WORKFLOW_TEMPLATE",
        description="Without a document and a file: name of the WorkflowTemplate that each Workflow refers to.",
    )
    parameter_name: str = Field(
        "",
        validation_alias="PARAMETER_NAME",
        description="Without a document: the Workflow's argument that takes the value; it is added if it is not there.",
    )
    parameter_dest: str = Field(
        "",
        validation_alias="PARAMETER_DEST",
        description="In place of PARAMETER_NAME: the path that takes the value; default spec.arguments.parameters.0.value.",
    )
    parameter_source: str = Field(
        "body",
        validation_alias="PARAMETER_SOURCE",
        description="Without a document: the path of the value in the event's data.",
    )
    kubeconfig: Path | None = Field(
        None,
        validation_alias="KUBECONFIG",
        description="How to reach the cluster from outside; a pod in the cluster needs none.",
    )
    secrets_dir: Path = Field(
        Path("/argo-events/secrets"),
        validation_alias="SECRETS_DIR",
        description="Where secrets are mounted, as <dir>/<secret>/<key>.",
    )
    config_dir: Path = Field(
        Path("/argo-events/config"),
        validation_alias="CONFIG_DIR",
        description="Where ConfigMaps are mounted, as <dir>/<configmap>/<key>.",
    )
    argo_server_url: str = Field(
        "",
        validation_alias="ARGO_SERVER_URL",
        description="Argo Server, for the operations retry and resubmit: such as https://argo-server.argo:2746.",
    )
    argo_server_token_file: Path | None = Field(
        None,
        validation_alias="ARGO_SERVER_TOKEN_FILE",
        description="File with the token for Argo Server, read at each request; without it nobody logs in.",
    )
    argo_server_ca_file: Path | None = Field(
        None,
        validation_alias="ARGO_SERVER_CA_FILE",
        description="Certificates by which Argo Server is trusted, in place of the system's.",
    )
    argo_server_insecure: bool = Field(
        default=False,
        validation_alias="ARGO_SERVER_INSECURE",
        description="Whether Argo Server's certificate is not looked at.",
    )
    in_flight: int = Field(
        64,
        ge=1,
        le=1000,
        validation_alias="SENSOR_IN_FLIGHT",
        description="Events that one trigger has in hand at a time.",
    )
    ack_wait: float = Field(
        60.0,
        ge=3,
        validation_alias="SENSOR_ACK_WAIT",
        description="Seconds after which the bus gives an event of a silent pod to another; each speaks up thrice as often.",
    )
    trigger_grace: float = Field(
        300.0,
        ge=1,
        validation_alias="SENSOR_TRIGGER_GRACE",
        description="Seconds after which what waits for a trigger that left the document goes to the dead letters; 60 or more.",
    )
    script_processes: int = Field(
        2, ge=1, le=32, validation_alias="SENSOR_SCRIPT_PROCESSES", description="Processes for jq and Lua; none runs unused."
    )
    script_seconds: float = Field(
        2.0, gt=0, le=60, validation_alias="SENSOR_SCRIPT_SECONDS", description="Seconds that a script may take for one event."
    )
    script_megabytes: int = Field(
        256,
        ge=64,
        validation_alias="SENSOR_SCRIPT_MEGABYTES",
        description="Memory, in MiB, that a process of scripts may take.",
    )
