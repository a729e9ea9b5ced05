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
