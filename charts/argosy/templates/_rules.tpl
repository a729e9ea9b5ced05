{{/* What the rules cannot know by themselves. */}}

{{/* → the event sources and sensors that may have no pod, as PromQL over the last six hours; empty where there is none */}}
{{- define "argosy.asleep" -}}
{{- $series := dict "eventsource" "argosy_source_last_receive_timestamp_seconds" "sensor" "argosy_sensor_trigger_stopped" -}}
{{- $names := dict "eventsource" list "sensor" list -}}
{{- range (include "argosy.items" . | fromJson).items -}}
{{- $least := .replicas -}}
{{- if .settings.keda.enabled }}{{ $least = .settings.keda.minReplicas }}{{ end -}}
{{- if eq (int $least) 0 }}{{ $_ := set $names .component (append (get $names .component) (regexQuoteMeta .name)) }}{{ end -}}
{{- end -}}
{{- $parts := list -}}
{{- range $component, $found := $names -}}
{{- if $found -}}
{{- $selector := printf "namespace=%q,%s_name=~%q" $.Release.Namespace $component (join "|" $found) -}}
{{- $parts = append $parts (printf "group by (namespace, %s_name) (last_over_time(%s{%s}[6h]))" $component (get $series $component) $selector) -}}
{{- end -}}
{{- end -}}
{{- join " or " $parts -}}
{{- end -}}
