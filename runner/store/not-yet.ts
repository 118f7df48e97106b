import type { Store } from './contract/index.ts';

function missing(): never {
	throw new Error('This store keeps no incidents yet');
}

export const directoryEntries: Store['directoryEntries'] = {
	all: async () => ({
		contacts: [],
		onCalls: [],
		policies: [],
		inUse: { contacts: new Set(), onCalls: new Set(), policies: new Set() },
	}),
	change: missing,
};

export const incidents: Store['incidents'] = {
	open: missing,
	due: async () => [],
	nextAt: async () => undefined,
	change: missing,
	get: async () => undefined,
	list: missing,
	withKey: async () => [],
	ofNotification: async () => undefined,
};
