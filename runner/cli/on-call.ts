import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { onCallAnswerSchema } from '../http/response-schemas.ts';
import { allPages } from './all-pages.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';
import { toComingTime } from './time.ts';

type ShownOnCall = z.infer<typeof onCallAnswerSchema>;
type Duty = NonNullable<ShownOnCall['now']>;

interface OverrideOptions extends RemoteOptions {
	readonly from?: string;
	readonly to: string;
}

/** `sureping on-call …`: the on-calls and who is on call. */
export function addOnCall(program: Command): void {
	const onCall = program.command('on-call').description('show and change who is on call');

	withRemote(onCall.command('list').description('list on-calls, with who is on call')).action(
		async (options: RemoteOptions) => {
			const found = await allPages<ShownOnCall>(options, '/on-call', 'on_call');
			const rows = found.map((one) => [
				one.name,
				dutyText(one.now),
				nextText(one),
				one.ical_url === undefined ? `every ${one.every}` : 'calendar',
				one.source,
			]);
			const head = ['NAME', 'NOW', 'NEXT', 'TURNS', 'FROM'];
			show(options.json, { on_call: found }, ...table([head, ...rows]));
		},
	);

	withRemote(
		onCall
			.command('who')
			.description('say who is on call now; exits with 1 where nobody is')
			.argument('<name>'),
	).action(async (name: string, options: RemoteOptions) => {
		const found = await call<ShownOnCall>(options, 'GET', pathOf(name));
		const { now, next } = found;
		const later = next === undefined ? [] : [`next: ${nextText(found)}`];
		const warning = now?.warning === undefined ? [] : [`warning: ${now.warning}`];
		show(options.json, found, dutyText(now), ...later, ...warning);
		process.exitCode = (now?.who.length ?? 0) > 0 ? 0 : 1;
	});

	withRemote(
		onCall
			.command('override')
			.description('put another contact on call for a time')
			.argument('<name>')
			.argument('<contact>')
			.option(
				'--from <time>',
				'beginning, such as 2030-12-24T12:00:00+01:00, or 4h from now (default: now)',
				toComingTime,
			)
			.requiredOption('--to <time>', 'end, in the same form', toComingTime),
	).action(async (name: string, contact: string, options: OverrideOptions) => {
		const { from = new Date().toISOString(), to } = options;
		const body = { who: contact, from, to };
		const found = await call<ShownOnCall>(options, 'POST', `${pathOf(name)}/overrides`, body);
		show(options.json, found, `${contact} is on call in ${name} from ${from} to ${to}`);
	});
}

const pathOf = (name: string): string => `/on-call/${encodeURIComponent(name)}`;

function dutyText(duty: Duty | undefined): string {
	if (duty && duty.who.length > 0) return duty.who.join(', ');
	return duty?.nobody === undefined ? 'nobody' : `nobody (${duty.nobody})`;
}

function nextText({ next }: ShownOnCall): string {
	return next === undefined ? '' : `${dutyText(next)} from ${next.at}`;
}
