import { existsSync, readFileSync } from 'node:fs';
import { DIRECT_SERVICES, type DirectService } from '../../nodes/services/direct.ts';

const NODE = 'nodes/SendNotification/SendNotification.node.ts';
const OPTIONS = 'nodes/SendNotification/description/content.ts';

/** The lines that a service needs beside its entry in `DIRECT_SERVICES`; n8n's lint wants these lists to be literal. */
function missingLines({ credential, channel, key }: Omit<DirectService, 'settings'>): string[] {
	const type = credential.charAt(0).toUpperCase() + credential.slice(1);
	const option = channel === key ? channel : `${channel}:${key}`;
	const lines: readonly (readonly [file: string, line: string])[] = [
		['package.json', `dist/credentials/${type}.credentials.js`],
		[NODE, `name: '${credential}'`],
		[NODE, `testOf('${credential}')`],
		[OPTIONS, `value: '${option}'`],
	];
	const file = `credentials/${type}.credentials.ts`;
	return [
		...(existsSync(file) ? [] : [`${file} is missing`]),
		...lines
			.filter(([path, line]) => !readFileSync(path, 'utf8').includes(line))
			.map(([path, line]) => `${path} lacks ${line}`),
	];
}

describe('a service that the node calls itself', () => {
	it.each(DIRECT_SERVICES)('is known in every list of the package: $credential', (service) => {
		expect(missingLines(service)).toEqual([]);
	});

	it('is named with each line that it lacks', () => {
		const pager = { credential: 'surepingPagerApi', credentialTitle: 'Pager' };
		expect(missingLines({ ...pager, channel: 'pager', key: 'pager' })).toEqual([
			'credentials/SurepingPagerApi.credentials.ts is missing',
			'package.json lacks dist/credentials/SurepingPagerApi.credentials.js',
			`${NODE} lacks name: 'surepingPagerApi'`,
			`${NODE} lacks testOf('surepingPagerApi')`,
			`${OPTIONS} lacks value: 'pager'`,
		]);
	});
});
