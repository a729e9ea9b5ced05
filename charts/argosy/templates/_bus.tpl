{{/* The bus as the pods see it: ours, or one that is there already. */}}

{{- define "argosy.natsName" -}}
{{- include "argosy.componentName" (dict "root" . "suffix" "nats") -}}
{{- end -}}

{{- define "argosy.natsSecret" -}}
{{- .Values.nats.auth.existingSecret | default (printf "%s-auth" (include "argosy.natsName" .)) -}}
{{- end -}}

{{/* The host names of the nodes, for clients and routes: the names of the pods under the headless Service. */}}
{{- define "argosy.natsHost" -}}
{{- $name := include "argosy.natsName" .root -}}
{{- printf "%s-%d.%s-headless.%s.svc" $name (int .node) $name .root.Release.Namespace -}}
{{- end -}}

{{- define "argosy.busUrl" -}}
{{- if .Values.nats.enabled -}}
{{- printf "nats://%s.%s.svc:4222" (include "argosy.natsName" .) .Release.Namespace -}}
{{- else -}}
{{- required "externalNats.url: where is NATS? It is required where nats.enabled is false (nats://host:4222)" .Values.externalNats.url -}}
{{- end -}}
{{- end -}}

{{- define "argosy.stream" -}}
{{- .Values.bus.stream | default (printf "%s_%s" .Release.Namespace .Release.Name | replace "." "-") -}}
{{- end -}}

{{/* → JSON {secret, user, password, token, nkey, creds, ca, cert, key, tls}: keys of Secrets, empty where there is none */}}
{{- define "argosy.busLogin" -}}
{{- if .Values.nats.enabled -}}
{{- dict "secret" (include "argosy.natsSecret" .) "user" "username" "password" "password" | toJson -}}
{{- else -}}
{{- $auth := .Values.externalNats.auth -}}
{{- $login := dict -}}
{{- if $auth.existingSecret -}}
{{- $login = dict "secret" $auth.existingSecret "user" $auth.userKey "password" $auth.passwordKey "token" $auth.tokenKey "nkey" $auth.nkeyKey "creds" $auth.credsKey -}}
{{- if not (or $auth.userKey $auth.tokenKey $auth.nkeyKey $auth.credsKey) -}}
{{- fail "externalNats.auth: existingSecret is given, but none of userKey, tokenKey, nkeyKey and credsKey says what is in it" -}}
{{- end -}}
{{- end -}}
{{- $tls := .Values.externalNats.tls -}}
{{- with $tls.existingSecret -}}
{{- $login = merge $login (dict "tls" . "ca" $tls.caKey "cert" $tls.certKey "key" $tls.keyKey) -}}
{{- end -}}
{{- toJson $login -}}
{{- end -}}
{{- end -}}

{{- define "argosy.busVolumes" -}}
{{- $login := include "argosy.busLogin" . | fromJson -}}
{{- with $login.secret }}
- name: bus-auth
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- with $login.tls }}
- name: bus-tls
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "argosy.busMounts" -}}
{{- $login := include "argosy.busLogin" . | fromJson -}}
{{- if $login.secret }}
- name: bus-auth
  mountPath: /etc/argosy/bus-auth
  readOnly: true
{{- end }}
{{- if $login.tls }}
- name: bus-tls
  mountPath: /etc/argosy/bus-tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* The variables of the bus; secrets are files wherever the services take files. */}}
{{- define "argosy.busEnv" -}}
{{- $login := include "argosy.busLogin" . | fromJson -}}
{{- $replicas := 1 -}}
{{- if not (kindIs "invalid" .Values.bus.replicas) -}}
{{- $replicas = int .Values.bus.replicas -}}
{{- else if .Values.nats.enabled -}}
{{- $replicas = int .Values.nats.replicas -}}
{{- end -}}
- name: NATS_URL
  value: {{ include "argosy.busUrl" . | quote }}
- name: NATS_STREAM
  value: {{ include "argosy.stream" . | quote }}
- name: NATS_SUBJECT_PREFIX
  value: {{ .Values.bus.subjectPrefix | default (include "argosy.stream" .) | quote }}
- name: NATS_OWNER
  value: {{ .Values.bus.owner | default (printf "%s/%s" .Release.Namespace .Release.Name) | quote }}
- name: NATS_REPLICAS
  value: {{ $replicas | quote }}
{{- if .Values.bus.maxBytes }}
- name: NATS_MAX_BYTES
  value: {{ .Values.bus.maxBytes | int64 | quote }}
{{- end }}
- name: NATS_MAX_MSGS_PER_SUBJECT
  value: {{ .Values.bus.maxMessagesPerSubject | int64 | quote }}
{{- with $login.user }}
- name: NATS_USER
  valueFrom: {secretKeyRef: {name: {{ $login.secret | quote }}, key: {{ . | quote }}}}
{{- end }}
{{- range $variable, $key := dict "NATS_PASSWORD_FILE" $login.password "NATS_TOKEN_FILE" $login.token "NATS_NKEY_FILE" $login.nkey "NATS_CREDS_FILE" $login.creds }}
{{- with $key }}
- name: {{ $variable }}
  value: /etc/argosy/bus-auth/{{ . }}
{{- end }}
{{- end }}
{{- range $variable, $key := dict "NATS_TLS_CA_FILE" $login.ca "NATS_TLS_CERT_FILE" $login.cert "NATS_TLS_KEY_FILE" $login.key }}
{{- with $key }}
- name: {{ $variable }}
  value: /etc/argosy/bus-tls/{{ . }}
{{- end }}
{{- end }}
{{- if and (not .Values.nats.enabled) .Values.externalNats.tls.handshakeFirst }}
- name: NATS_TLS_HANDSHAKE_FIRST
  value: "true"
{{- end }}
{{- end -}}
