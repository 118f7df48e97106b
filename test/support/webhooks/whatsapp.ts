import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const BODY = JSON.stringify({
	object: 'whatsapp_business_account',
	entry: [
		{
			id: '102290129340398',
			changes: [
				{
					value: {
						messaging_product: 'whatsapp',
						metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
						statuses: [
							{
								id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA',
								status: 'delivered',
								timestamp: '1750263773',
								recipient_id: '16505551234',
							},
						],
					},
					field: 'messages',
				},
			],
		},
	],
});

/** Signed here by hand, because Meta publishes no package: hex HMAC-SHA256 of the body, as GitHub signs. */
export const whatsapp: Scene = {
	provider: 'whatsapp',
	title: 'WhatsApp (Meta)',
	secret: SECRET,
	otherSecret: 'fedcba9876543210fedcba9876543210',
	body: BODY,
	signatureHeader: 'x-hub-signature-256',
	covers: { body: true, timestamp: false },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const digest = createHmac('sha256', secret).update(bytes).digest('hex');
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${digest}` },
			body: bytes,
		};
	},
};
