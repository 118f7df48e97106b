import type { GenericRules } from '@sureping/engine';
import { PUBLIC_URL } from '../report.ts';
import { type Scene, SCENES, type SceneRequest } from './index.ts';

/** The connection that a scene's provider reports on. */
export const connectionOf = (scene: Scene): string => `c${SCENES.indexOf(scene)}`;

/** Its entry of `inbound` in a runner's config. */
export const inboundEntry = (scene: Scene): Record<string, unknown> => ({
	provider: scene.provider,
	connection: connectionOf(scene),
	secret: scene.secret,
	...(scene.options?.generic ? { generic: written(scene.options.generic) } : {}),
});

/** Its request to that entry, signed now. */
export async function inboundRequest(scene: Scene, secret = scene.secret): Promise<SceneRequest> {
	return await scene.sign({
		secret,
		at: Math.floor(Date.now() / 1000),
		url: `${PUBLIC_URL}/inbound/${scene.provider}/${connectionOf(scene)}`,
	});
}

/** The rules as a config file has them. */
function written(rules: GenericRules): Record<string, unknown> {
	const snake = (value: object): Record<string, unknown> =>
		Object.fromEntries(
			Object.entries(value).map(([name, member]: [string, unknown]) => [
				name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
				member,
			]),
		);
	return { ...snake(rules), fields: snake(rules.fields) };
}
