import {
	composeFile,
	DOCKER_HOST,
	SYSTEM_DIR,
	systemdUnit,
} from '../../runner/cli/init/templates/index.ts';

/** The files of the repository that equal those of `sureping init` with its defaults, by path. */
export const deployFiles = (): Readonly<Record<string, string>> => ({
	'compose.yaml': composeFile(DOCKER_HOST),
	'deploy/systemd/sureping.service': systemdUnit(SYSTEM_DIR),
});
