import type { Accepted, ReceivedEvent } from '@sureping/engine';
import { receiveScene } from './conformance.ts';
import type { Scene } from './scene.ts';

/** What a body means when the scene's provider sends it, genuine in every way. */
export async function readScene(scene: Scene, body: unknown): Promise<Accepted> {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const received = await receiveScene(scene, await scene.sign({ body: text }));
	if (!received.ok) throw new Error(received.reason);
	return received;
}

/** The same where it is one event. */
export async function readOne(scene: Scene, body: unknown): Promise<ReceivedEvent> {
	const { events } = await readScene(scene, body);
	const [event, ...others] = events;
	if (!event || others.length > 0) throw new Error('Expected exactly one event');
	return event;
}
