import type { CatalogEntry, IncidentPorts, NewId } from '@sureping/engine';
import type { RunnerDirectory } from './directory/index.ts';
import type { AboutRules } from './store/rows/event.ts';

/** The parts of the runner that the steps of incidents use. */
export interface IncidentPortsOptions {
	readonly directory: RunnerDirectory;
	readonly catalog: readonly CatalogEntry[];
	readonly newId: NewId;
	readonly about: AboutRules;
}

/** Makes the ports of a step, with the directory as it is at that moment. */
export type MakeIncidentPorts = () => Promise<IncidentPorts>;

export function incidentPorts(options: IncidentPortsOptions): MakeIncidentPorts {
	const { catalog, newId, about } = options;
	return async () => {
		const directory = await options.directory.snapshot();
		return {
			directory,
			catalog,
			newId,
			about,
			quietUntil: (contactId, at) => directory.quietUntil(contactId, at),
		};
	};
}
