import type { Api } from '../../api.ts';
import type { App } from '../../app.ts';
import { changeRoute } from './change.ts';
import { createRoute } from './create.ts';
import { listRoutes } from './list.ts';
import { removeRoute } from './remove.ts';
import { replayRoute } from './replay.ts';
import { rotateSecretRoute } from './rotate-secret.ts';
import { statusRoutes } from './status.ts';
import { testRoute } from './test-event.ts';

/** Subscriptions to delivery events. Their secrets are shown once: when they are made and when they change. */
export function endpointRoutes(app: App, api: Api): void {
	createRoute(app, api);
	listRoutes(app, api);
	changeRoute(app, api);
	removeRoute(app, api);
	rotateSecretRoute(app, api);
	statusRoutes(app, api);
	testRoute(app, api);
	replayRoute(app, api);
}
