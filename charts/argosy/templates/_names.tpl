{{/* Names, labels and the image: what every object here has in common. */}}

{{- define "argosy.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- include "argosy.fitted" (dict "name" .Values.fullnameOverride "most" 40) -}}
{{- else if contains $name .Release.Name -}}
{{- include "argosy.fitted" (dict "name" .Release.Name "most" 40) -}}
{{- else -}}
{{- include "argosy.fitted" (dict "name" (printf "%s-%s" .Release.Name $name) "most" 40) -}}
{{- end -}}
{{- end -}}

{{/* A name cut to length; what was cut goes on in eight characters of a hash, so that two names stay two. */}}
{{- define "argosy.fitted" -}}
{{- if le (len .name) (int .most) -}}
{{- .name -}}
{{- else -}}
{{- printf "%s-%s" (trunc (int (sub (int .most) 9)) .name | trimSuffix "-" | trimSuffix ".") (sha256sum .name | trunc 8) -}}
{{- end -}}
{{- end -}}

{{/* root, suffix */}}
{{- define "argosy.componentName" -}}
{{- include "argosy.fitted" (dict "name" (printf "%s-%s" (include "argosy.fullname" .root) .suffix) "most" 52) -}}
{{- end -}}

{{/* root, component, name (may be missing) */}}
{{- define "argosy.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .name }}
argosy.io/{{ $.component }}: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* root, component, name (both may be missing) */}}
{{- define "argosy.labels" -}}
{{- $labels := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63)
  "app.kubernetes.io/name" (default .root.Chart.Name .root.Values.nameOverride | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/part-of" "argosy" -}}
{{- with .component }}{{ $_ := set $labels "app.kubernetes.io/component" . }}{{ end -}}
{{- with .name }}{{ $_ := set $labels (printf "argosy.io/%s" $.component) . }}{{ end -}}
{{- merge $labels (.root.Values.commonLabels | default dict) | toYaml -}}
{{- end -}}

{{/* root, name, component and item (may be missing), labels and annotations (may be missing): the metadata of an object */}}
{{- define "argosy.metadata" -}}
name: {{ .name }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "argosy.labels" (dict "root" .root "component" .component "name" .item) | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* root, image: registry/repository:tag or @digest */}}
{{- define "argosy.image" -}}
{{- $path := .image.repository -}}
{{- with .image.registry }}{{ $path = printf "%s/%s" . $path }}{{ end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $path .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $path (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* root, component, name (may be missing): what pods carry. No version: a new chart alone restarts nothing. */}}
{{- define "argosy.podLabels" -}}
{{- merge (include "argosy.selector" . | fromYaml) (.given | default dict) (.root.Values.commonLabels | default dict) | toYaml -}}
{{- end -}}

{{/* root, given (null: the default), component, name → the list of constraints */}}
{{- define "argosy.spread" -}}
{{- $selector := dict "matchLabels" (include "argosy.selector" . | fromYaml) -}}
{{- $constraints := list -}}
{{- if kindIs "invalid" .given -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" -}}
{{- $constraints = append $constraints (dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" $selector) -}}
{{- end -}}
{{- else -}}
{{- range .given -}}
{{- $constraints = append $constraints (merge (dict) . (dict "labelSelector" $selector)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $constraints -}}
{{- end -}}
