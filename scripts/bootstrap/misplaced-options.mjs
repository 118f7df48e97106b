/** The options of the commands behind the scripts, by script. */
const OPTIONS = {
	start: ['config', 'host', 'port', 'data-dir', 'role'],
	n8n: ['n8n', 'help'],
	'test:chaos': ['kills', 'seed', 'store', 'mutants', 'mutant'],
	bench: ['minutes'],
};

/**
 * The options that npm took for itself from a command such as `npm start --port 8478`: without `--` before them, options
 * are npm's, and reach a script as `npm_config_…` only.
 * @returns the sentence to print, or undefined when nothing is amiss
 */
export function misplacedOptions(script, args, env = process.env) {
	const taken = (OPTIONS[script] ?? []).filter((name) => variableOf(name) in env);
	if (taken.length === 0) return undefined;
	const values = taken.map((name) => env[variableOf(name)]);
	// npm has "true" for an option whose value stands apart, and passes the values on in their order.
	const words = [...args];
	const options = taken.map((name, i) => {
		const value = values[i] === 'true' ? words.shift() : values[i];
		return value === undefined ? `--${name}` : `--${name} ${value}`;
	});
	const command = `npm ${script === 'start' ? '' : 'run '}${script} -- ${[...options, ...words].join(' ')}`;
	return `npm took ${taken.map((name) => `--${name}`).join(' and ')} for itself. Options of this command come after "--":\n  ${command}`;
}

const variableOf = (name) => `npm_config_${name.replaceAll('-', '_')}`;
