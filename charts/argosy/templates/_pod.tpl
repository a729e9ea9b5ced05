{{/* The pod of an event source or a sensor. */}}

{{/* root, item → seconds between SIGTERM and SIGKILL; refused where what has to happen between them takes longer. */}}
{{- define "argosy.grace" -}}
{{- $settings := .item.settings -}}
{{- $wait := 0 -}}
{{- if eq .item.component "eventsource" -}}
{{- range (index .root.Values.eventSources .item.name).spec.sqs -}}
{{- $own := min 20 (int (.waitTimeSeconds | default 0)) -}}
{{- $wait = max $wait (ternary $own 3 (gt $own 0)) -}}
{{- end -}}
{{- end -}}
{{- $least := add $wait (ceil $settings.drainSeconds) 5 -}}
{{- $given := $settings.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given -}}
{{- $least -}}
{{- else if lt (int $given) (int $least) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds: %d is too short: a poll of %d s, drainSeconds %v and 5 s more make %d" .item.place (int $given) (int $wait) $settings.drainSeconds $least) -}}
{{- else -}}
{{- int $given -}}
{{- end -}}
{{- end -}}

{{/* root, item → JSON {env: […]}: ours, then the user's; the last of a name counts. */}}
{{- define "argosy.env" -}}
{{- $settings := .item.settings -}}
{{- $document := printf "%s_FILE" (upper .item.component) -}}
{{- $fixed := dict
  "METRICS_PORT" "metrics.port"
  "DRAIN_SECONDS" "drainSeconds"
  "LOG_LEVEL" "logLevel"
  "POD_NAME" "nothing"
  "POD_NAMESPACE" "nothing"
  "EVENTSOURCE_FILE" "spec"
  "SENSOR_FILE" "spec" -}}
{{- range $settings.env -}}
{{- if hasKey $fixed .name -}}
{{- fail (printf "%s.env: %s is set by %s" $.item.place .name (get $fixed .name)) -}}
{{- end -}}
{{- end -}}
{{- $own := list
  (dict "name" "POD_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.name")))
  (dict "name" "POD_NAMESPACE" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.namespace")))
  (dict "name" $document "value" (printf "/etc/argosy/document/%s.yaml" .item.component))
  (dict "name" "METRICS_PORT" "value" (.root.Values.metrics.port | int | toString))
  (dict "name" "LOG_LEVEL" "value" $settings.logLevel)
  (dict "name" "DRAIN_SECONDS" "value" (toString $settings.drainSeconds)) -}}
{{- $seen := dict -}}
{{- $kept := list -}}
{{- $told := concat (include "argosy.busEnv" .root | fromYamlArray) (include "argosy.settingsEnv" . | fromYamlArray) -}}
{{- range concat $own $told $settings.env | reverse -}}
{{- if not (hasKey $seen .name) -}}
{{- $_ := set $seen .name true -}}
{{- $kept = prepend $kept . -}}
{{- end -}}
{{- end -}}
{{- dict "env" $kept | toJson -}}
{{- end -}}

{{/* root, item → whether the pod gets a token of the cluster */}}
{{- define "argosy.automount" -}}
{{- $given := .item.settings.serviceAccount.automount -}}
{{- if kindIs "bool" $given -}}
{{- $given -}}
{{- else if eq .item.component "eventsource" -}}
false
{{- else -}}
{{- (include "argosy.access" . | fromJson).cluster -}}
{{- end -}}
{{- end -}}

{{/* root, item */}}
{{- define "argosy.podTemplate" -}}
metadata:
  labels:
    {{- include "argosy.podLabels" (dict "root" .root "component" .item.component "name" .item.name "given" .item.settings.podLabels) | nindent 4 }}
  annotations:
    checksum/config: {{ include "argosy.document" . | sha256sum }}
    {{- with .item.settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "argosy.podSpec" (merge (dict "command" (list .item.component)) .) | nindent 2 }}
{{- end -}}

{{/* root, item, command, test (may be missing): the same pod, but one that asks and ends */}}
{{- define "argosy.podSpec" -}}
{{- $settings := .item.settings -}}
serviceAccountName: {{ .item.account }}
automountServiceAccountToken: {{ include "argosy.automount" . }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "argosy.grace" . }}
{{- if .test }}
restartPolicy: Never
{{- end }}
{{- with concat (.root.Values.imagePullSecrets | default list) ($settings.imagePullSecrets | default list) }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  {{- toYaml $settings.podSecurityContext | nindent 2 }}
containers:
  - name: main
    image: {{ include "argosy.image" (dict "root" .root "image" .root.Values.image) | quote }}
    imagePullPolicy: {{ $settings.pullPolicy | default .root.Values.image.pullPolicy }}
    command: {{ toJson .command }}
    # What a pod that cannot start has to say stands in `kubectl describe pod`.
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      {{- toYaml $settings.securityContext | nindent 6 }}
    env:
      {{- (include "argosy.env" . | fromJson).env | toYaml | nindent 6 }}
    {{- with $settings.envFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if not .test }}
    ports:
      - name: metrics
        containerPort: {{ .root.Values.metrics.port }}
    startupProbe:
      httpGet: {path: /livez, port: metrics}
      {{- toYaml $settings.probes.startup | nindent 6 }}
    livenessProbe:
      httpGet: {path: /livez, port: metrics}
      {{- toYaml $settings.probes.liveness | nindent 6 }}
    readinessProbe:
      httpGet: {path: /readyz, port: metrics}
      {{- toYaml $settings.probes.readiness | nindent 6 }}
    {{- end }}
    resources:
      {{- toYaml $settings.resources | nindent 6 }}
    volumeMounts:
      {{- include "argosy.volumeMounts" . | nindent 6 }}
volumes:
  {{- include "argosy.volumes" . | nindent 2 }}
{{- with $settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if not .test }}
topologySpreadConstraints:
  {{- include "argosy.spread" (dict "root" .root "given" $settings.topologySpreadConstraints "component" .item.component "name" .item.name) | nindent 2 }}
{{- end }}
{{- end -}}
