{{/* Where pods have to get out to. */}}

{{- define "argosy.egressDns" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end -}}

{{/* an address → its port, empty where it cannot be told; nats:// and tls:// are 4222, http:// is 80, else 443 */}}
{{- define "argosy.port" -}}
{{- $host := (urlParse (trim .)).host -}}
{{- if regexMatch ":[0-9]+$" $host -}}
{{- regexFind "[0-9]+$" $host -}}
{{- else if hasPrefix "http://" . -}}
80
{{- else if hasPrefix "https://" . -}}
443
{{- else -}}
4222
{{- end -}}
{{- end -}}

{{/* root, item: DNS, the bus, and by kind SQS or the API server and the targets of http and nats triggers */}}
{{- define "argosy.egress" -}}
{{- $root := .root -}}
{{- $settings := $root.Values.networkPolicy -}}
{{- $ports := list -}}
{{- include "argosy.egressDns" $root }}
{{- if $root.Values.nats.enabled }}
- ports:
    - {port: 4222, protocol: TCP}
  to:
    - podSelector:
        matchLabels:
          {{- include "argosy.selector" (dict "root" $root "component" "nats") | nindent 10 }}
{{- else }}
{{- range splitList "," (include "argosy.busUrl" $root) }}
{{- $ports = append $ports (include "argosy.port" (contains "://" . | ternary . (printf "nats://%s" (trim .)))) }}
{{- end }}
{{- end }}
{{- if eq .item.component "eventsource" }}
{{- $ports = append $ports "443" }}
{{- range (index $root.Values.eventSources .item.name).spec.sqs }}
{{- with .endpoint }}{{ $ports = append $ports (include "argosy.port" .) }}{{ end }}
{{- end }}
# The agents that hand out AWS credentials on the node: EKS Pod Identity, and the instance's metadata.
- ports:
    - {port: 80, protocol: TCP}
  to:
    - ipBlock: {cidr: 169.254.170.23/32}
    - ipBlock: {cidr: 169.254.169.254/32}
{{- else }}
{{- range (include "argosy.triggers" . | fromJson).triggers }}
{{- $template := .trigger.template | default dict }}
{{- with ($template.http | default dict).url }}{{ $ports = append $ports (include "argosy.port" .) }}{{ end }}
{{- with ($template.nats | default dict).url }}
{{- range splitList "," . }}{{ $ports = append $ports (include "argosy.port" (contains "://" . | ternary . (printf "nats://%s" (trim .)))) }}{{ end }}
{{- end }}
{{- end }}
{{- with (include "argosy.argoServer" . | fromJson).url }}{{ $ports = append $ports (include "argosy.port" .) }}{{ end }}
- ports:
    - {port: 443, protocol: TCP}
    - {port: 6443, protocol: TCP}
  {{- with $settings.apiServerCIDRs }}
  to:
    {{- range . }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{- end }}
{{- end }}
{{- with $ports | uniq | sortAlpha }}
- ports:
    {{- range . }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- with $settings.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
