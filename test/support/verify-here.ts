import { Readable } from 'node:stream';
import { Command, CommanderError } from '../../runner/cli/commander.ts';
import { addVerify } from '../../runner/cli/verify.ts';

/** `sureping verify` in this process, which takes a hundredth of the time that one of its own takes. */
export async function verifyHere(
	input: Buffer,
	args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
	let stdout = '';
	let stderr = '';
	const program = new Command('sureping').exitOverride();
	addVerify(program);
	for (const command of program.commands) {
		command.exitOverride().configureOutput({ writeErr: (text) => void (stderr += text) });
	}
	const stdin = jest.spyOn(process, 'stdin', 'get').mockReturnValue(standardInput(input));
	const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
		stdout += String(text);
		return true;
	});
	const before = process.exitCode;
	try {
		await program.parseAsync(['verify', ...args], { from: 'user' });
		return { status: Number(process.exitCode ?? 0), stdout, stderr };
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		return { status: 2, stdout, stderr };
	} finally {
		process.exitCode = before;
		write.mockRestore();
		stdin.mockRestore();
	}
}

/** All that is read of standard input is what comes out of it. */
function standardInput(input: Buffer): typeof process.stdin {
	return Readable.from([input]) as unknown as typeof process.stdin;
}
