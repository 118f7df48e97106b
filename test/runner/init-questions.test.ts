import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeWithPython } from '../support/python.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { atTerminal } from '../support/terminal.ts';

const DOWN = '\u001b[B';
const ENTER = '\r';
const CONTROL_C = '\u0003';
const CONTROL_D = '\u0004';

describeWithPython('sureping init at a terminal', () => {
	it('asks three questions, and writes by the answers', async () => {
		const dir = temporaryDirectory('init');
		const terminal = atTerminal(['init', '--dir', dir]);
		await terminal.answer('How shall the runner run?', DOWN + ENTER);
		await terminal.answer('Where is n8n?', `n8n${ENTER}`);
		await terminal.answer('must be an http or https URL', `\u0015http://n8n:5678${ENTER}`);
		await terminal.answer('At which public URL', ENTER);
		expect(await terminal.ended).toBe(0);
		expect(terminal.shown()).toContain('Base URL: http://sureping:8477');
		expect(readdirSync(dir).sort()).toEqual(['.env', 'compose.yaml', 'sureping.yaml']);
		const config = parse(readFileSync(join(dir, 'sureping.yaml'), 'utf8'));
		expect(config).toMatchObject({ security: { allow_hosts: ['n8n'] } });
		expect(config.public_url).toBeUndefined();
	});

	it('asks only for what the options leave open, and takes a default for an empty answer', async () => {
		const dir = temporaryDirectory('init');
		const terminal = atTerminal(['init', '--systemd', '--dir', dir]);
		await terminal.answer('Where is n8n?', ENTER);
		await terminal.answer('At which public URL', `https://ping.example.com${ENTER}`);
		expect(await terminal.ended).toBe(0);
		expect(terminal.shown()).not.toContain('How shall');
		expect(readdirSync(dir)).toContain('sureping.service');
		expect(parse(readFileSync(join(dir, 'sureping.yaml'), 'utf8'))).toMatchObject({
			public_url: 'https://ping.example.com',
			security: { allow_hosts: ['localhost', '127.0.0.1'] },
		});
	});

	it('takes a blank answer as an empty one', async () => {
		const dir = temporaryDirectory('init');
		const terminal = atTerminal(['init', '--systemd', '--dir', dir]);
		await terminal.answer('Where is n8n?', `  ${ENTER}`);
		await terminal.answer('At which public URL', ` ${ENTER}`);
		expect(await terminal.ended).toBe(0);
		const config = parse(readFileSync(join(dir, 'sureping.yaml'), 'utf8'));
		expect(config).toMatchObject({ security: { allow_hosts: ['localhost', '127.0.0.1'] } });
		expect(config.public_url).toBeUndefined();
	});

	it.each([
		['Control-C', CONTROL_C],
		['the end of the input', CONTROL_D],
	])('writes nothing when it is stopped by %s', async (_, key) => {
		for (const questions of [['Where is n8n?'], ['Where is n8n?', 'At which public URL']]) {
			const dir = temporaryDirectory('init');
			const terminal = atTerminal(['init', '--docker', '--dir', dir]);
			for (const question of questions.slice(0, -1)) await terminal.answer(question, ENTER);
			await terminal.answer(questions.at(-1)!, key);
			expect(await terminal.ended).toBe(1);
			expect(terminal.shown()).toContain('Nothing was written.');
			expect(terminal.shown()).not.toContain('await');
			expect(readdirSync(dir)).toEqual([]);
		}
	});
});
