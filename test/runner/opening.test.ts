import { pino } from 'pino';
import { Opening } from '../../runner/cli/opening.ts';

describe('a signal while the database is migrated', () => {
	const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
	afterAll(() => exit.mockRestore());

	it('stops the migration, and ends the process at once when it comes again', async () => {
		const opening = new Opening({
			host: '127.0.0.1',
			port: 0,
			config: { publicUrl: undefined, hosts: [] },
			log: pino({ level: 'silent' }),
		});
		await opening.moved({ done: 0, total: 1 });
		const real = performance.now.bind(performance);
		const later = jest.spyOn(performance, 'now');
		try {
			expect(opening.signal.aborted).toBe(false);
			process.emit('SIGTERM', 'SIGTERM');
			expect(opening.signal.aborted).toBe(true);
			// As on Ctrl-C, from npm and from the terminal.
			process.emit('SIGTERM', 'SIGTERM');
			expect(exit).not.toHaveBeenCalled();
			later.mockImplementation(() => real() + 1_500);
			process.emit('SIGTERM', 'SIGTERM');
			// The status of a process that SIGTERM ended.
			expect(exit).toHaveBeenCalledWith(128 + 15);
		} finally {
			later.mockRestore();
			await opening.end();
		}
	});
});
