{{/* Volumes: the document, /tmp, what the bus needs, and every Secret and ConfigMap that the document refers to. */}}

{{/*
found ({secrets, configMaps}: name → whether all references are optional), value, field (the name it stands under), depth:
looks for {name, key[, optional]}, as Argo Events' controller does. Objects to create and free-form maps are not looked into.
*/}}
{{- define "argosy.findSelectors" -}}
{{- $skipped := list "resource" "metadata" "headers" "loggingFields" "labels" "annotations" -}}
{{- if kindIs "map" .value -}}
{{- if and (kindIs "string" .value.key) (kindIs "string" .value.name) (not (omit .value "name" "key" "optional")) -}}
{{- $kind := ternary "configMaps" "secrets" (has .field (list "configmap" "configMapKeyRef")) -}}
{{- $known := get .found $kind -}}
{{- $optional := .value.optional | default false -}}
{{- $_ := set $known .value.name (and $optional (ternary (get $known .value.name) true (hasKey $known .value.name))) -}}
{{- else -}}
{{- range $key, $value := .value -}}
{{- if not (has $key $skipped) -}}
{{- include "argosy.findSelectors" (dict "found" $.found "value" $value "field" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range .value -}}
{{- include "argosy.findSelectors" (dict "found" $.found "value" . "field" $.field) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* root, item → JSON {secrets, configMaps}: name → optional */}}
{{- define "argosy.references" -}}
{{- $sources := ternary .root.Values.eventSources .root.Values.sensors (eq .item.component "eventsource") -}}
{{- $found := dict "secrets" dict "configMaps" dict -}}
{{- include "argosy.findSelectors" (dict "found" $found "value" (omit (index $sources .item.name).spec "template") "field" "spec") -}}
{{- range .item.settings.secrets }}{{ $_ := set $found.secrets . false }}{{ end -}}
{{- range .item.settings.configMaps }}{{ $_ := set $found.configMaps . false }}{{ end -}}
{{- toJson $found -}}
{{- end -}}

{{- define "argosy.volumeName" -}}
{{- include "argosy.fitted" (dict "name" (printf "%s-%s" .prefix .name | replace "." "-" | replace "_" "-") "most" 63) -}}
{{- end -}}

{{/* root, item */}}
{{- define "argosy.volumes" -}}
{{- $references := include "argosy.references" . | fromJson -}}
- name: document
  configMap:
    name: {{ include "argosy.documentName" . }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .item.settings.tmpSize }}
{{- range $name, $optional := $references.secrets }}
- name: {{ include "argosy.volumeName" (dict "prefix" "secret" "name" $name) }}
  secret:
    secretName: {{ $name | quote }}
    {{- if $optional }}
    optional: true
    {{- end }}
{{- end }}
{{- range $name, $optional := $references.configMaps }}
- name: {{ include "argosy.volumeName" (dict "prefix" "cm" "name" $name) }}
  configMap:
    name: {{ $name | quote }}
    {{- if $optional }}
    optional: true
    {{- end }}
{{- end }}
{{- include "argosy.busVolumes" .root }}
{{- include "argosy.argoServerVolumes" . }}
{{- with .item.settings.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* root, item */}}
{{- define "argosy.volumeMounts" -}}
{{- $references := include "argosy.references" . | fromJson -}}
- name: document
  mountPath: /etc/argosy/document
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- range $name, $_ := $references.secrets }}
- name: {{ include "argosy.volumeName" (dict "prefix" "secret" "name" $name) }}
  mountPath: /argo-events/secrets/{{ $name }}
  readOnly: true
{{- end }}
{{- range $name, $_ := $references.configMaps }}
- name: {{ include "argosy.volumeName" (dict "prefix" "cm" "name" $name) }}
  mountPath: /argo-events/config/{{ $name }}
  readOnly: true
{{- end }}
{{- include "argosy.busMounts" .root }}
{{- include "argosy.argoServerMounts" . }}
{{- with .item.settings.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
