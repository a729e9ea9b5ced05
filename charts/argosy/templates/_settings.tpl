{{/* What a service is told about its work: the values of `reading` or `firing` as its variables, and Argo Server. */}}

{{/* a value → its text; numbers have become floats on their way through JSON */}}
{{- define "argosy.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- int64 . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* root, item → the list of variables */}}
{{- define "argosy.settingsEnv" -}}
{{- $group := ternary "reading" "firing" (eq .item.component "eventsource") -}}
{{- $given := get .item.settings $group -}}
{{- $env := list -}}
{{- range $key, $variable := get (.root.Files.Get "files/variables.yaml" | fromYaml) $group -}}
{{- $env = append $env (dict "name" $variable "value" (include "argosy.text" (get $given $key))) -}}
{{- end -}}
{{- concat $env (include "argosy.argoServerEnv" . | fromYamlArray) | toYaml -}}
{{- end -}}

{{/* item → JSON: the values of Argo Server, empty where there is none to ask */}}
{{- define "argosy.argoServer" -}}
{{- $server := dict -}}
{{- if eq .item.component "sensor" -}}
{{- $server = .item.settings.firing.argoServer -}}
{{- range list "tokenKey" "caKey" -}}
{{- if and (get $server .) (not $server.existingSecret) -}}
{{- fail (printf "%s.firing.argoServer.%s: existingSecret has to name the Secret that holds it" $.item.place .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- ternary $server dict (not (empty $server.url)) | toJson -}}
{{- end -}}

{{/* item → the list of variables */}}
{{- define "argosy.argoServerEnv" -}}
{{- $server := include "argosy.argoServer" . | fromJson -}}
{{- with $server.url }}
- name: ARGO_SERVER_URL
  value: {{ . | quote }}
{{- end }}
{{- range $variable, $key := dict "ARGO_SERVER_TOKEN_FILE" $server.tokenKey "ARGO_SERVER_CA_FILE" $server.caKey }}
{{- with $key }}
- name: {{ $variable }}
  value: /etc/argosy/argo-server/{{ . }}
{{- end }}
{{- end }}
{{- if $server.insecure }}
- name: ARGO_SERVER_INSECURE
  value: "true"
{{- end }}
{{- end -}}

{{- define "argosy.argoServerVolumes" -}}
{{- with (include "argosy.argoServer" . | fromJson).existingSecret }}
- name: argo-server
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "argosy.argoServerMounts" -}}
{{- if (include "argosy.argoServer" . | fromJson).existingSecret }}
- name: argo-server
  mountPath: /etc/argosy/argo-server
  readOnly: true
{{- end }}
{{- end -}}
