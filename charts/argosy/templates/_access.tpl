{{/* What a sensor's triggers do at the API server, and so what its Role has to allow. */}}

{{/* a `k8s` trigger → JSON {verbs}: what it does with its object, as sensor/triggers/k8s has it */}}
{{- define "argosy.k8sVerbs" -}}
{{- $verbs := dict
  "create" (list "create" "get")
  "update" (ternary (list "get" "update") (list "create" "get" "update") (.liveObject | default false))
  "patch" (list "create" "get" "patch")
  "delete" (list "delete") -}}
{{- dict "verbs" (get $verbs (.operation | default "create")) | toJson -}}
{{- end -}}

{{/* place, group, kind → JSON {resource, cluster}; resource is empty for a kind that is not in the table */}}
{{- define "argosy.resource" -}}
{{- $kinds := .root.Files.Get "files/kinds.yaml" | fromYaml -}}
{{- $namespaced := get (get $kinds.namespaced .group | default dict) .kind -}}
{{- $cluster := get (get $kinds.cluster .group | default dict) .kind -}}
{{- dict "resource" ($namespaced | default $cluster | default "") "cluster" (not (empty $cluster)) | toJson -}}
{{- end -}}

{{/* place, source → JSON {object, why}: the object that a trigger starts from, as far as the document holds it */}}
{{- define "argosy.objectOf" -}}
{{- $source := .source | default dict -}}
{{- if $source.resource -}}
{{- dict "object" $source.resource "why" "" | toJson -}}
{{- else if $source.inline -}}
{{- $object := fromYaml $source.inline -}}
{{- dict "object" (ternary dict $object (hasKey $object "Error")) "why" (ternary "source.inline is no YAML of an object" "" (hasKey $object "Error")) | toJson -}}
{{- else -}}
{{- dict "object" dict "why" "its object stands outside of the document" | toJson -}}
{{- end -}}
{{- end -}}

{{/* trigger, parameters → what events decide about the object: empty, or a path whose value no Role can know beforehand */}}
{{- define "argosy.decidedByEvents" -}}
{{- $found := "" -}}
{{- range .parameters -}}
{{- if regexMatch "^(metadata|metadata\\.namespace|kind|apiVersion)$" (toString .dest) }}{{ $found = .dest }}{{ end -}}
{{- end -}}
{{- range .trigger.parameters -}}
{{- if regexMatch "(^|\\.)(namespace|metadata|kind|apiVersion|operation|source|resource|inline|k8s|argoWorkflow)$" (toString .dest) }}{{ $found = .dest }}{{ end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* rules ({namespace: {"group/resource": [verbs]}}), namespace, group, resource, verbs */}}
{{- define "argosy.allow" -}}
{{- $here := get .rules .namespace | default dict -}}
{{- $key := printf "%s/%s" .group .resource -}}
{{- $_ := set $here $key (concat (get $here $key | default list) .verbs | uniq | sortAlpha) -}}
{{- $_ := set .rules .namespace $here -}}
{{- end -}}

{{/* root, item, rules, place, template, trigger, maxActive: what one `k8s` trigger needs */}}
{{- define "argosy.allowK8s" -}}
{{- $rbac := .item.settings.rbac | default dict -}}
{{- $k8s := .template.k8s -}}
{{- $verbs := (include "argosy.k8sVerbs" $k8s | fromJson).verbs -}}
{{- if not $verbs -}}
{{- fail (printf "%s.template.k8s.operation: %s: create, update, patch or delete is wanted" .place $k8s.operation) -}}
{{- end -}}
{{- $given := include "argosy.objectOf" (dict "source" $k8s.source) | fromJson -}}
{{- $decided := include "argosy.decidedByEvents" (dict "trigger" .trigger "parameters" $k8s.parameters) -}}
{{- $object := $given.object -}}
{{- $version := splitList "/" ($object.apiVersion | default "") -}}
{{- $group := ternary (first $version) "" (gt (len $version) 1) -}}
{{- $found := include "argosy.resource" (dict "root" .root "group" $group "kind" ($object.kind | default "")) | fromJson -}}
{{- $why := $given.why -}}
{{- if and $decided (not $rbac.namespaces) }}{{ $why = printf "events decide about its %s" $decided }}{{ end -}}
{{- if and (not $why) (not $found.resource) }}{{ $why = printf "the chart does not know the plural of %s (%s)" $object.kind $object.apiVersion }}{{ end -}}
{{- if $found.cluster }}{{ $why = printf "%s belongs to no namespace, and the chart makes no ClusterRole" $object.kind }}{{ end -}}
{{- if $why -}}
{{- if not $rbac.rules -}}
{{- fail (printf "%s: no Role can be made for this trigger: %s. Say what it needs in %s.rbac.rules (and %s.rbac.namespaces), or set %s.rbac.create to false and bind a role of your own to its ServiceAccount" .place $why .item.place .item.place .item.place) -}}
{{- end -}}
{{- else -}}
{{- if .maxActive }}{{ $verbs = concat $verbs (list "list" "watch") }}{{ end -}}
{{- $namespace := ($object.metadata | default dict).namespace | default .root.Release.Namespace -}}
{{- include "argosy.allow" (dict "rules" .rules "namespace" $namespace "group" $group "resource" $found.resource "verbs" $verbs) -}}
{{- end -}}
{{- end -}}

{{/*
root, rules, template, trigger, maxActive: what one `argoWorkflow` trigger needs; Argo Server does what `retry` and `resubmit`
ask for, so that only their policy looks at the Workflow.
*/}}
{{- define "argosy.allowArgoWorkflow" -}}
{{- $argo := .template.argoWorkflow -}}
{{- $operation := $argo.operation | default "submit" -}}
{{- $object := (include "argosy.objectOf" (dict "source" $argo.source) | fromJson).object -}}
{{- $namespace := ($object.metadata | default dict).namespace | default .root.Release.Namespace -}}
{{- $verbs := list "create" "get" -}}
{{- if has $operation (list "suspend" "resume" "stop" "terminate") }}{{ $verbs = list "get" "patch" }}{{ end -}}
{{- if has $operation (list "retry" "resubmit") }}{{ $verbs = ternary (list "get") list (not (empty (.trigger.policy | default dict).k8s)) }}{{ end -}}
{{- if .maxActive }}{{ $verbs = concat $verbs (list "list" "watch") }}{{ end -}}
{{- if $verbs -}}
{{- include "argosy.allow" (dict "rules" .rules "namespace" $namespace "group" "argoproj.io" "resource" "workflows" "verbs" $verbs) -}}
{{- end -}}
{{- if eq $operation "submit-from" -}}
{{- $templates := dict "WorkflowTemplate" (list "workflowtemplates") "CronWorkflow" (list "cronworkflows") "ClusterWorkflowTemplate" list "Workflow" list -}}
{{- range ternary (get $templates ($object.kind | default "")) (list "workflowtemplates" "cronworkflows") (hasKey $templates ($object.kind | default "")) -}}
{{- include "argosy.allow" (dict "rules" $.rules "namespace" $namespace "group" "argoproj.io" "resource" . "verbs" (list "get")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* root, item → JSON {cluster: whether it talks to the API server at all, rules: {namespace: {"group/resource": [verbs]}}} */}}
{{- define "argosy.access" -}}
{{- $rbac := .item.settings.rbac | default dict -}}
{{- $rules := dict -}}
{{- $cluster := not (empty $rbac.rules) -}}
{{- $makes := .root.Values.rbac.create -}}
{{- if kindIs "bool" $rbac.create }}{{ $makes = $rbac.create }}{{ end -}}
{{- range (include "argosy.triggers" . | fromJson).triggers -}}
{{- $template := .trigger.template | default dict -}}
{{- $context := dict "root" $.root "item" $.item "rules" $rules "place" .place "template" $template "trigger" .trigger "maxActive" .maxActive -}}
{{- if or $template.k8s $template.argoWorkflow }}{{ $cluster = true }}{{ end -}}
{{- if and $makes $template.k8s -}}
{{- include "argosy.allowK8s" $context -}}
{{- else if and $makes $template.argoWorkflow -}}
{{- include "argosy.allowArgoWorkflow" $context -}}
{{- end -}}
{{- end -}}
{{- if not $makes }}{{ $rules = dict }}{{ end -}}
{{- if and $makes (or $rbac.rules $rbac.namespaces) -}}
{{- $all := dict -}}
{{- range $_, $here := $rules }}{{ range $key, $verbs := $here }}{{ $_ := set $all $key (concat (get $all $key | default list) $verbs | uniq | sortAlpha) }}{{ end }}{{ end -}}
{{- range $rbac.namespaces }}{{ $_ := set $rules . (deepCopy $all) }}{{ end -}}
{{- if not $rules }}{{ $_ := set $rules $.root.Release.Namespace dict }}{{ end -}}
{{- end -}}
{{- dict "cluster" $cluster "rules" $rules | toJson -}}
{{- end -}}
