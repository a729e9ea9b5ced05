{{/* What KEDA has to know: queues, and the consumers on the bus, which are named as the sensor names them. */}}

{{/* text → its FNV-1a hash of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/); templates have no exclusive or, so bit by bit */}}
{{- define "argosy.fnv1a" -}}
{{- $hash := int64 2166136261 -}}
{{- $text := . -}}
{{- range $index := until (len $text) -}}
{{- $byte := int64 (index $text $index) -}}
{{- $low := mod $hash 256 -}}
{{- $xor := int64 0 -}}
{{- range $bit := list 1 2 4 8 16 32 64 128 -}}
{{- if ne (mod (div $low $bit) 2) (mod (div $byte $bit) 2) }}{{ $xor = add $xor $bit }}{{ end -}}
{{- end -}}
{{- $hash = mod (mul (add (sub $hash $low) $xor) 16777619) 4294967296 -}}
{{- end -}}
{{- printf "%d" $hash -}}
{{- end -}}

{{/* event (an entry of spec.sqs) → the queue as KEDA takes it: its URL, or its name */}}
{{- define "argosy.queueUrl" -}}
{{- $queue := .queue -}}
{{- $account := .queueAccountId | default "" -}}
{{- $partition := "aws" -}}
{{- if hasPrefix "arn:" $queue -}}
{{- $parts := splitList ":" $queue -}}
{{- $partition = index $parts 1 -}}
{{- $account = $account | default (index $parts 4) -}}
{{- $queue = last $parts -}}
{{- end -}}
{{- if or (contains "://" $queue) (not $account) -}}
{{- $queue -}}
{{- else -}}
{{- printf "https://sqs.%s.%s/%s/%s" .region (ternary "amazonaws.com.cn" "amazonaws.com" (eq $partition "aws-cn")) $account $queue -}}
{{- end -}}
{{- end -}}

{{/* root, event, settings: the trigger of one queue */}}
{{- define "argosy.kedaQueue" -}}
{{- $keda := .settings.keda -}}
- type: aws-sqs-queue
  metadata:
    queueURL: {{ include "argosy.queueUrl" .event | quote }}
    awsRegion: {{ .event.region | quote }}
    queueLength: {{ $keda.queueLength | int64 | quote }}
    {{- with .event.endpoint }}
    awsEndpoint: {{ . | quote }}
    {{- end }}
  authenticationRef:
    {{- toYaml ($keda.authenticationRef | default (dict "name" .authentication)) | nindent 4 }}
{{- end -}}

{{/* root → where KEDA asks the bus */}}
{{- define "argosy.monitoring" -}}
{{- if .Values.nats.enabled -}}
{{- printf "%s-headless.%s.svc:8222" (include "argosy.natsName" .) .Release.Namespace -}}
{{- else -}}
{{- required "externalNats.monitoringEndpoint: KEDA asks there how far behind a sensor is (host:8222)" .Values.externalNats.monitoringEndpoint -}}
{{- end -}}
{{- end -}}

{{/* name → one token of a subject, as common/subjects.py has it: letters, digits, - and _ stay, every other byte becomes =XX */}}
{{- define "argosy.safe" -}}
{{- $text := . -}}
{{- range $index := until (len $text) -}}
{{- $byte := index $text $index -}}
{{- ternary (printf "%c" $byte) (printf "=%02X" $byte) (regexMatch "^[A-Za-z0-9_-]$" (printf "%c" $byte)) -}}
{{- end -}}
{{- end -}}

{{/* root, item → JSON {replayers: […]}: the consumers of the triggers' replays, as the sensor names them */}}
{{- define "argosy.replayers" -}}
{{- $owner := include "argosy.safe" (printf "%s/%s" .root.Release.Namespace .item.name) -}}
{{- $names := list -}}
{{- range (index .root.Values.sensors .item.name).spec.triggers -}}
{{- $names = append $names (printf "replay-%s" (printf "%s.%s" $owner (include "argosy.safe" .template.name) | sha256sum | trunc 24)) -}}
{{- end -}}
{{- dict "replayers" $names | toJson -}}
{{- end -}}

{{/* root, settings, stream, consumer: the trigger of one consumer on the bus */}}
{{- define "argosy.kedaLag" -}}
{{- $external := .root.Values.externalNats -}}
- type: nats-jetstream
  metadata:
    natsServerMonitoringEndpoint: {{ include "argosy.monitoring" .root | quote }}
    account: {{ ternary "$G" $external.monitoringAccount .root.Values.nats.enabled | quote }}
    stream: {{ .stream | quote }}
    consumer: {{ .consumer | quote }}
    lagThreshold: {{ .settings.keda.lagThreshold | int64 | quote }}
    {{- if and (not .root.Values.nats.enabled) $external.monitoringHttps }}
    useHttps: "true"
    {{- end }}
{{- end -}}

{{/* root, item → JSON {consumers: […], events: [{source, event}]}: by trigger and subject, as the sensor makes them */}}
{{- define "argosy.consumers" -}}
{{- $spec := (index .root.Values.sensors .item.name).spec -}}
{{- $consumers := list -}}
{{- $events := list -}}
{{- range $spec.triggers -}}
{{- $template := .template -}}
{{- $words := regexSplit "[\\s()&|]+" ($template.conditions | default "") -1 -}}
{{- $bySubject := dict -}}
{{- range $spec.dependencies -}}
{{- if or (not $template.conditions) (has .name $words) -}}
{{- $name := include "argosy.fnv1a" (printf "%s-%s-%s" $.item.name $template.name .name) -}}
{{- $_ := set $bySubject (printf "%s.%s" .eventSourceName .eventName) (printf "group-%s" $name) -}}
{{- $events = append $events (dict "source" .eventSourceName "event" .eventName) -}}
{{- end -}}
{{- end -}}
{{- $consumers = concat $consumers (values $bySubject | sortAlpha) -}}
{{- end -}}
{{- dict "consumers" $consumers "events" ($events | uniq) | toJson -}}
{{- end -}}
