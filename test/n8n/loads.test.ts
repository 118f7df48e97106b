import { type INodeTypeDescription, NodeHelpers } from 'n8n-workflow';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';

type Described = INodeTypeDescription & { iconUrl: { light: string; dark: string } };

const PACKAGE = 'n8n-nodes-sureping';
const CREDENTIALS = [
	'notificationApiApi',
	'onePingApi',
	'onePushApi',
	'otpiqApi',
	'pingramApi',
	'surepingApi',
	'surepingDiscordApi',
	'surepingMailgunApi',
	'surepingPostmarkApi',
	'surepingResendApi',
	'surepingSendgridApi',
	'surepingSlackApi',
	'surepingTelegramApi',
	'webhookSigningApi',
];

let local: TemporaryN8n;
beforeAll(async () => {
	local = await startTemporaryN8n();
}, N8N_START_TIMEOUT_MS);
afterAll(() => local?.dispose(), 30_000);

async function described(file: string): Promise<Described[]> {
	const response = await local.api.file(`types/${file}.json`);
	return (await response.json()) as Described[];
}

describe('the packed package in a real n8n', () => {
	it('offers its nodes', async () => {
		const ours = (await described('nodes')).filter(({ name }) => name.startsWith(`${PACKAGE}.`));
		const names = new Map(ours.map(({ name, displayName }) => [name, displayName]));
		expect(names.get(`${PACKAGE}.sendNotification`)).toBe('Send Notification');
		expect(names.get(`${PACKAGE}.webhookTrigger`)).toBe('Notification Webhook Trigger');
		expect(names.get(`${PACKAGE}.pollingTrigger`)).toBe('Notification Polling Trigger');
	});

	it('offers Send Notification as a tool for AI agents, with a name and a description of our own', async () => {
		const tool = (await described('nodes')).find(
			({ name }) => name === `${PACKAGE}.sendNotificationTool`,
		);
		const parameters = { resource: 'notification', operation: 'send' };
		expect(tool && NodeHelpers.makeNodeName(parameters, tool)).toBe(
			'Send a notification in Sureping',
		);
		const names = tool?.properties.map(({ name }) => name) ?? [];
		expect(names).toContain('toolDescription');
		// n8n adds this one beside a description of its own.
		expect(names).not.toContain('descriptionType');
	});

	it('offers every credential type', async () => {
		const names = (await described('credentials')).map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(CREDENTIALS));
	});

	it('serves the icons of nodes and credentials, light and dark', async () => {
		const nodes = (await described('nodes')).filter(({ name }) => name.startsWith(`${PACKAGE}.`));
		const credentials = (await described('credentials')).filter(({ name }) =>
			CREDENTIALS.includes(name),
		);
		const urls = [...nodes, ...credentials].flatMap(({ iconUrl }) => [iconUrl.light, iconUrl.dark]);
		expect(urls.length).toBeGreaterThanOrEqual(2 * (3 + CREDENTIALS.length));
		for (const url of new Set(urls)) {
			const response = await local.api.file(url);
			expect([url, response.status]).toEqual([url, 200]);
			expect(response.headers.get('content-type')).toContain('image/svg+xml');
		}
	});
});
