import { type Logger, pino, stdSerializers } from 'pino';

/** Paths whose values never reach a log, whoever logs the object. */
const SECRETS = ['secret', 'key', 'authorization', 'pass', 'bot_token', 'webhook_url', 'api_key'];

/**
 * JSON lines on standard error; standard output belongs to what a person should read.
 * Errors lose every field but their type, message and stack: libraries attach requests to them.
 */
export function createLog(level: string): Logger {
	return pino(
		{
			level,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
			serializers: {
				err(value: unknown) {
					if (!(value instanceof Error)) return { message: 'not an error' };
					const { type, message, stack } = stdSerializers.err(value);
					return { type, message, stack };
				},
			},
		},
		pino.destination({ dest: 2, sync: false }),
	);
}
