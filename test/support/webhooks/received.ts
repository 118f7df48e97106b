import type { RawRequest, ReceivedEvent, ReceiveOptions } from '@sureping/engine';
import { receiveScene } from './conformance.ts';
import type { Scene, SceneRequest, Signing } from './scene.ts';

/** The events that a scene's genuine request gives. */
export async function receivedEvents(
	scene: Scene,
	payload: unknown,
	signing: Omit<Signing, 'body'> = {},
): Promise<readonly ReceivedEvent[]> {
	const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
	const received = await receiveScene(scene, await scene.sign({ ...signing, body }));
	if (!received.ok) throw new Error(received.reason);
	return received.events;
}

export async function receivedEvent(
	scene: Scene,
	payload: unknown,
	signing?: Omit<Signing, 'body'>,
): Promise<ReceivedEvent> {
	const [event, ...others] = await receivedEvents(scene, payload, signing);
	if (!event || others.length > 0) throw new Error('Expected exactly one event');
	return event;
}

/** `accepted`, or the reason for the refusal of a request that was changed after it was signed. */
export async function verdictOn(
	scene: Scene,
	change: (request: SceneRequest) => Partial<RawRequest>,
	options: Partial<ReceiveOptions> & { secrets?: string[] } = {},
): Promise<string> {
	const request = await scene.sign();
	const received = await receiveScene(scene, { ...request, ...change(request) }, options);
	return received.ok ? 'accepted' : received.reason;
}
