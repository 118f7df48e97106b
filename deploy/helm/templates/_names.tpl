{{- define "sureping.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "sureping.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "sureping.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "sureping.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "sureping.selector" -}}
app.kubernetes.io/name: {{ include "sureping.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sureping.labels" -}}
{{ include "sureping.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
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
