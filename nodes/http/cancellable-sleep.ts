import { type IExecuteFunctions, OperationalError, sleep } from 'n8n-workflow';

/** n8n's `sleep` that rejects immediately when the execution is stopped. */
export function cancellableSleep(context: IExecuteFunctions): (ms: number) => Promise<void> {
	const stopped = context.getExecutionCancelSignal();
	return async (ms) => {
		if (!stopped) return await sleep(ms);
		let stop = (): void => undefined;
		const stopping = new Promise<never>((_, reject) => {
			stop = () => reject(new OperationalError('The execution was stopped'));
			if (stopped.aborted) stop();
			stopped.addEventListener('abort', stop, { once: true });
		});
		try {
			await Promise.race([sleep(ms), stopping]);
		} finally {
			stopped.removeEventListener('abort', stop);
		}
	};
}
