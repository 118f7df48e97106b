import { statSync } from 'node:fs';
import { readPage } from '../support/pages.ts';

describe('the README', () => {
	it('is read in five minutes: it has 8 KiB at most', () => {
		expect(statSync('README.md').size).toBeLessThanOrEqual(8192);
	});

	it('says what the problem is before it says anything else', () => {
		const [title, , problem = ''] = readPage('README.md').split('\n');
		expect(title).toBe('# Sureping');
		expect(problem).toMatch(/^\*\*At 3 a\.m\. .*nobody learns of it\.\*\*$/);
	});
});
