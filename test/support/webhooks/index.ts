import { notificationApi } from './notificationapi.ts';
import { onePing, onePingGuide } from './one-ping.ts';
import { onePush } from './onepush.ts';
import { otpiqMessage, otpiqReport, otpiqUrlToken } from './otpiq.ts';
import { pingram } from './pingram.ts';
import type { Scene } from './scene.ts';

export { type Scene, SCENE_URL, type SceneRequest, SIGNED_AT, type Signing } from './scene.ts';

/** Every provider's webhooks, each form of them. */
export const SCENES: readonly Scene[] = [
	onePing,
	onePingGuide,
	onePush,
	notificationApi,
	pingram,
	otpiqReport,
	otpiqUrlToken,
	otpiqMessage,
];
