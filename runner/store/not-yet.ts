import type { Store } from './contract/index.ts';

function missing(): never {
	throw new Error('This store keeps no incidents yet');
}

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
