import type { RawRequest, ReceivedEvent, ReceiveOptions } from '@sureping/engine';
import { receiveScene } from './webhooks/conformance.ts';
import type { Scene } from './webhooks/index.ts';

/** The one event of a payload that the scene signs, after `change` on its way. Throws the reason of a refusal. */
export async function readEvent(
	scene: Scene,
	payload: unknown,
	options: Partial<ReceiveOptions> = {},
	change: (request: RawRequest) => RawRequest = (request) => request,
): Promise<ReceivedEvent> {
	const request = await scene.sign({ body: JSON.stringify(payload) });
	const received = await receiveScene(scene, change(request), options);
	if (!received.ok) throw new Error(received.reason);
	const [event, ...others] = received.events;
	if (!event || others.length > 0) throw new Error('Expected exactly one event');
	return event;
}
