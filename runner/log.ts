import { isoTime } from '@sureping/engine';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { LineWriter } from './line-writer.ts';

/** Paths whose values never reach a log. */
const SECRETS = ['secret', 'key', 'authorization', 'pass', 'bot_token', 'webhook_url', 'api_key'];

/** Milliseconds of lines that share a write. A process that is killed loses at most these. */
const TOGETHER_MS = 20;

/** Standard error, as the log uses it. */
export function openLogWriter(): LineWriter {
	const gap = (dropped: number, reason: string): string => {
		const msg = `log lines were dropped: ${reason}`;
		return `${JSON.stringify({ level: 50, time: new Date().toISOString(), dropped, msg })}\n`;
	};
	return new LineWriter(2, gap, TOGETHER_MS);
}

/**
 * JSON lines on standard error; standard output is for people. Errors lose every field but their type, message and
 * stack: libraries attach requests to them.
 */
export function createLog(level: string, writer: DestinationStream = openLogWriter()): Logger {
	return pino(
		{
			level,
			base: null,
			timestamp: () => `,"time":"${isoTime(Date.now())}"`,
			redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
			serializers: {
				err(value: unknown) {
					if (!(value instanceof Error)) return { message: 'not an error' };
					const { type, message, stack } = stdSerializers.err(value);
					return { type, message, stack };
				},
			},
		},
		printable(writer),
	);
}

/** JSON leaves DEL and the C1 controls as they are, and terminals obey them: CSI, for one, is U+009B (CWE-150). */
function printable(destination: DestinationStream): DestinationStream {
	return {
		write(line) {
			destination.write(
				line.replace(/[\u007f-\u009f\u2028\u2029]/g, (unit) => {
					return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
				}),
			);
		},
	};
}
