import { MADE_BY } from './made-by.ts';

/** The folder that the unit of the repository reads. */
export const SYSTEM_DIR = '/etc/sureping';

/** The folder of the database: `StateDirectory` is a folder in /var/lib (systemd.exec(5)). */
export const STATE_DIR = '/var/lib/sureping';

/**
 * The systemd unit of a runner whose config and secrets are in `dir`, an absolute path. systemd reads both files as root, so
 * that they may belong to root alone, and may be in a home directory.
 */
export function systemdUnit(dir: string): string {
	const path = escapeSpecifiers(dir);
	return `${MADE_BY} The Sureping runner: systemctl enable --now ${path}/sureping.service
[Unit]
Description=Sureping runner
Documentation=https://github.com/sureping/sureping/tree/main/docs
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/env sureping serve --config \${CREDENTIALS_DIRECTORY}/sureping.yaml --data-dir \${STATE_DIRECTORY}
LoadCredential=sureping.yaml:${path}/sureping.yaml
EnvironmentFile=${path}/.env
StateDirectory=sureping
StateDirectoryMode=0700
Restart=always
RestartSec=2
# Attempts under way may end before the runner does.
TimeoutStopSec=30

DynamicUser=yes
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** A percent sign begins a specifier in a unit (systemd.unit(5), "Specifiers"). */
const escapeSpecifiers = (path: string): string => path.replaceAll('%', '%%');
