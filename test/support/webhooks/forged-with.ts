import type { Scene, SceneRequest } from './index.ts';

/** Providers whose proof is inside the body, so it goes along with another body. */
const PROVED_INSIDE: ReadonlySet<string> = new Set(['mailgun', 'ses']);

/** A scene's request with another body under the same headers: forged, and of the right form everywhere. */
export function forgedWith(scene: Scene, genuine: SceneRequest, body: string): SceneRequest {
	const whole = PROVED_INSIDE.has(scene.provider)
		? genuine.body
				.toString()
				.replace(/^\{/, () => `{"nasty":${JSON.stringify(body.slice(0, body.length / 2))},`)
		: body;
	return { ...genuine, body: Buffer.from(whole) };
}
