{{- define "sureping.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A StatefulSet's name gets a hyphen and a hash of ten characters in a label of its pods, which has at most 63. */}}
{{- define "sureping.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "sureping.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "sureping.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "sureping.selector" -}}
app.kubernetes.io/name: {{ include "sureping.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "sureping.labels" -}}
{{ include "sureping.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "sureping.secret" -}}
{{- .Values.secret.existing | default (include "sureping.fullname" .) }}
{{- end }}

{{/* The config, with the names that other pods call the runner by. */}}
{{- define "sureping.config" -}}
{{- $name := include "sureping.fullname" . }}
{{- $own := list (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) }}
{{- $security := .Values.config.security | default dict }}
{{- $hosts := concat ($security.hosts | default list) $own }}
{{- $config := merge (dict "security" (merge (dict "hosts" $hosts) $security)) .Values.config }}
{{- if .Values.postgres.enabled }}
{{- $config = merge (dict "store" "${DATABASE_URL}") $config }}
{{- end }}
{{- toYaml $config }}
{{- end }}
