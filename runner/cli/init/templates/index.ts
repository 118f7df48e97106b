/** The files that `init` writes. `compose.yaml` and `deploy/systemd/sureping.service` of the repository are made of them. */
export { composeFile } from './compose-file.ts';
export { configFile, type ConfigFacts } from './config-file.ts';
export { envFile, newSecrets, type Secrets } from './env-file.ts';
export { MADE_BY } from './made-by.ts';
export { DOCKER_HOST, isServiceName, type Placement, SERVICE } from './placement.ts';
export { STATE_DIR, SYSTEM_DIR, systemdUnit } from './systemd-unit.ts';
