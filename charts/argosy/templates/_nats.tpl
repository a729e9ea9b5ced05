{{/* The configuration of our own NATS. */}}

{{/* a size such as 10Gi, 500Mi or a number of bytes → MiB, rounded down */}}
{{- define "argosy.mebibytes" -}}
{{- $number := regexFind "^[0-9.]+" (toString .) | float64 -}}
{{- $unit := regexFind "[A-Za-z]*$" (toString .) | trimSuffix "B" | trimSuffix "i" | upper -}}
{{- $factors := dict "" (divf 1 1048576) "K" (divf 1 1024) "M" 1 "G" 1024 "T" 1048576 -}}
{{- mulf $number (get $factors $unit | default 1) | floor | int64 -}}
{{- end -}}

{{- define "argosy.natsConf" -}}
{{- $persistence := .Values.nats.persistence -}}
{{- if and $persistence.enabled (gt (include "argosy.mebibytes" .Values.nats.maxFileStore | int64) (include "argosy.mebibytes" $persistence.size | int64)) -}}
{{- fail (printf "nats.maxFileStore: %v is more than the volume holds (nats.persistence.size: %v)" .Values.nats.maxFileStore $persistence.size) -}}
{{- end -}}
listen: "0.0.0.0:4222"
http: "0.0.0.0:8222"
pid_file: "/tmp/nats.pid"
max_payload: {{ .Values.nats.maxPayload | int64 }}
lame_duck_grace_period: "5s"
lame_duck_duration: "30s"
jetstream {
  store_dir: "/data"
  max_file_store: {{ .Values.nats.maxFileStore }}
  max_memory_store: 64Mi
  # What was confirmed is on the disk: it survives a crash of the machine.
  sync_interval: always
}
authorization {
  user: $ARGOSY_USER
  password: $ARGOSY_PASSWORD
}
{{- if gt (int .Values.nats.replicas) 1 }}
cluster {
  name: {{ include "argosy.natsName" . | quote }}
  listen: "0.0.0.0:6222"
  routes: $ARGOSY_ROUTES
  authorization {
    user: $ARGOSY_USER
    password: $ARGOSY_PASSWORD
    timeout: 5
  }
}
{{- end }}
{{- end -}}

{{/* The routes to all nodes, as the server reads a list; the kubelet puts user and password in. */}}
{{- define "argosy.natsRoutes" -}}
{{- $routes := list -}}
{{- range $node := until (int .Values.nats.replicas) -}}
{{- $routes = append $routes (printf "nats-route://$(NATS_USER):$(NATS_PASSWORD)@%s:6222" (include "argosy.natsHost" (dict "root" $ "node" $node)) | quote) -}}
{{- end -}}
{{- printf "[%s]" (join ", " $routes) -}}
{{- end -}}
