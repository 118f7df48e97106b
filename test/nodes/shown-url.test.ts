import { explainRefusal } from '../../nodes/runner/explain-refusal.ts';

const RUNNER = { action: 'take the notification', scope: 'send', nameOf: (path: string) => path };

describe('a message about a base URL', () => {
	it.each([
		'http://ops:s3cret@runner:8477',
		'https://s3cret@runner/base',
		'ops:s3cret@runner:8477',
		'//ops:s3cret@runner',
		'http://ops:s3c@s3cret@runner',
		'http://runner:8477/?token=s3cret',
		'http://ops:s3cret@run ner',
	])('shows no secret of %s', (baseUrl) => {
		const failed = {
			failure: 'connection' as const,
			detail: 'the connection was refused',
			mayHaveArrived: false,
		};
		const { message, description } = explainRefusal(failed, { ...RUNNER, baseUrl });
		expect(message).toContain('run');
		expect(message + description).not.toContain('s3c');
	});

	it('shows where it leads', () => {
		const failed = { failure: 'connection' as const, detail: 'x', mayHaveArrived: false };
		expect(
			explainRefusal(failed, { ...RUNNER, baseUrl: 'http://ops:pw@runner:8477/base' }).message,
		).toBe('The runner at http://runner:8477/base did not answer: x');
	});
});
