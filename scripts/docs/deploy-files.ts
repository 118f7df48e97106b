import {
	composeFile,
	DOCKER_HOST,
	SYSTEM_DIR,
	systemdUnit,
} from '../../runner/cli/init/templates/index.ts';
import { imageFiles } from './image-files.ts';

/**
 * The files for an installation that follow from the sources, by path: those that equal what `sureping init` writes with
 * its defaults, and those that name the image.
 */
export const deployFiles = (): Readonly<Record<string, string>> => ({
	...imageFiles(),
	'compose.yaml': composeFile(DOCKER_HOST),
	'deploy/systemd/sureping.service': systemdUnit(SYSTEM_DIR),
});
