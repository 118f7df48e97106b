import { withProxyNote } from '../../runner/transport/proxy-note.ts';

const failure = { failure: 'connection', detail: 'ECONNREFUSED' } as const;

it('says that the proxy of the environment is not used, by the name of its variable alone', () => {
	const { detail } = withProxyNote(failure, { HTTPS_PROXY: 'http://ops:Pa55word@proxy:3128' });
	expect(detail).toBe(
		'ECONNREFUSED; the runner connects directly and does not use the proxy that HTTPS_PROXY names',
	);
});

it('says nothing where the environment names none', () => {
	expect(withProxyNote(failure, { HTTPS_PROXY: '' })).toEqual(failure);
});
