{{/* What is to run: each event source and sensor with all that was said about it, layer over layer. */}}

{{/* under, over → JSON: maps are merged, lists that add up are added up, null says nothing, everything else is replaced. */}}
{{- define "argosy.layered" -}}
{{- $sum := list "env" "envFrom" "volumes" "volumeMounts" "secrets" "configMaps" "imagePullSecrets" -}}
{{- $result := deepCopy (.under | default dict) -}}
{{- range $key, $value := .over -}}
{{- $below := get $result $key -}}
{{- if kindIs "invalid" $value -}}
{{- else if and (kindIs "map" $value) (kindIs "map" $below) -}}
{{- $_ := set $result $key (include "argosy.layered" (dict "under" $below "over" $value) | fromJson) -}}
{{- else if and (has $key $sum) (kindIs "slice" $value) (kindIs "slice" $below) -}}
{{- $_ := set $result $key (concat $below $value) -}}
{{- else -}}
{{- $_ := set $result $key $value -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* place, spec → JSON: what the document itself says about its pods (`spec.template` and `spec.replicas`), in our words. */}}
{{- define "argosy.saidInSpec" -}}
{{- $template := .spec.template | default dict -}}
{{- $container := $template.container | default dict -}}
{{- $metadata := $template.metadata | default dict -}}
{{- if $template.priority -}}
{{- fail (printf "%s.spec.template.priority: not supported: give priorityClassName" .place) -}}
{{- end -}}
{{- $said := dict
  "replicas" .spec.replicas
  "podLabels" $metadata.labels
  "podAnnotations" $metadata.annotations
  "resources" $container.resources
  "env" $container.env
  "envFrom" $container.envFrom
  "volumeMounts" $container.volumeMounts
  "securityContext" $container.securityContext
  "pullPolicy" $container.imagePullPolicy
  "volumes" $template.volumes
  "podSecurityContext" $template.securityContext
  "nodeSelector" $template.nodeSelector
  "tolerations" $template.tolerations
  "affinity" $template.affinity
  "imagePullSecrets" $template.imagePullSecrets
  "priorityClassName" $template.priorityClassName -}}
{{- with $template.serviceAccountName -}}
{{- $_ := set $said "serviceAccount" (dict "name" . "create" false) -}}
{{- end -}}
{{- toJson $said -}}
{{- end -}}

{{/* root, component, name, given, defaults, place → JSON */}}
{{- define "argosy.item" -}}
{{- $spec := .given.spec | default dict -}}
{{- $settings := dict -}}
{{- range list .root.Values.defaults .defaults (include "argosy.saidInSpec" (dict "place" .place "spec" $spec) | fromJson) (omit .given "spec") -}}
{{- $settings = include "argosy.layered" (dict "under" $settings "over" .) | fromJson -}}
{{- end -}}
{{- $fullname := include "argosy.componentName" (dict "root" .root "suffix" (printf "%s-%s" .component .name)) -}}
{{- $account := $settings.serviceAccount -}}
{{- $create := true -}}
{{- if kindIs "bool" $account.create }}{{ $create = $account.create }}{{ end -}}
{{- $replicas := 1 -}}
{{- if not (kindIs "invalid" $settings.replicas) }}{{ $replicas = int $settings.replicas }}{{ end -}}
{{- $most := $replicas -}}
{{- if $settings.keda.enabled }}{{ $most = int $settings.keda.maxReplicas }}{{ end -}}
{{- dict
  "name" .name "component" .component "place" .place "fullname" $fullname "settings" $settings
  "account" ($account.name | default (ternary $fullname "default" $create)) "createAccount" $create
  "replicas" $replicas "most" $most | toJson -}}
{{- end -}}

{{/* → JSON {items: […]}: event sources first, each kind by name. */}}
{{- define "argosy.items" -}}
{{- $root := . -}}
{{- $items := list -}}
{{- range $name, $given := .Values.eventSources -}}
{{- $items = append $items (include "argosy.item" (dict "root" $root "component" "eventsource" "name" $name "given" $given "defaults" $root.Values.eventSourceDefaults "place" (printf "eventSources.%s" $name)) | fromJson) -}}
{{- end -}}
{{- range $name, $given := .Values.sensors -}}
{{- $items = append $items (include "argosy.item" (dict "root" $root "component" "sensor" "name" $name "given" $given "defaults" $root.Values.sensorDefaults "place" (printf "sensors.%s" $name)) | fromJson) -}}
{{- end -}}
{{- dict "items" $items | toJson -}}
{{- end -}}

{{/* root, item: the spec as it was given, never through JSON and back. */}}
{{- define "argosy.document" -}}
{{- $sources := ternary .root.Values.eventSources .root.Values.sensors (eq .item.component "eventsource") -}}
apiVersion: argoproj.io/v1alpha1
kind: {{ ternary "EventSource" "Sensor" (eq .item.component "eventsource") }}
metadata:
  name: {{ .item.name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
spec:
  {{- omit (index $sources .item.name).spec "template" "replicas" | toYaml | nindent 2 }}
{{- end -}}

{{/* root, item: the name of the ConfigMap, which holds what it is named after and never changes. */}}
{{- define "argosy.documentName" -}}
{{- printf "%s-%s" .item.fullname (include "argosy.document" . | sha256sum | trunc 8) -}}
{{- end -}}

{{/*
root, item → JSON {triggers: [{place, trigger, maxActive}]}: the sensor's triggers, and those that stand in when they have failed;
these count nothing.
*/}}
{{- define "argosy.triggers" -}}
{{- $found := list -}}
{{- range $index, $trigger := (index .root.Values.sensors .item.name).spec.triggers -}}
{{- $place := printf "%s.spec.triggers[%d]" $.item.place $index -}}
{{- $maxActive := not (empty ($trigger.argosy | default dict).maxActive) -}}
{{- range until 8 -}}
{{- if $trigger -}}
{{- $found = append $found (dict "place" $place "trigger" (omit $trigger "dlqTrigger") "maxActive" $maxActive) -}}
{{- $maxActive = false -}}
{{- $trigger = $trigger.dlqTrigger -}}
{{- $place = printf "%s.dlqTrigger" $place -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "triggers" $found | toJson -}}
{{- end -}}
