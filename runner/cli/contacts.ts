import { type Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod/v4';
import type { contactAnswerSchema } from '../http/response-schemas.ts';
import { allPages } from './all-pages.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

type ShownContact = z.infer<typeof contactAnswerSchema>;
type Address = ShownContact['addresses'][number];
type Period = Pick<NonNullable<ShownContact['quiet_hours']>[number], 'from' | 'to'>;

interface AddOptions extends RemoteOptions {
	readonly name: string;
	readonly address: readonly Address[];
	readonly timeZone?: string;
	readonly quiet?: Period;
	readonly language?: string;
}

/** `sureping contacts …`: the people who can be told and paged. */
export function addContacts(program: Command): void {
	const contacts = program.command('contacts').description('manage the people who can be paged');

	withRemote(contacts.command('list').description('list contacts')).action(
		async (options: RemoteOptions) => {
			const found = await allPages<ShownContact>(options, '/contacts', 'contacts');
			const rows = found.map(({ id, name, addresses, source }) => [
				id,
				name,
				addresses.map(addressText).join(', '),
				source,
			]);
			const head = ['ID', 'NAME', 'ADDRESSES', 'FROM'];
			show(options.json, { contacts: found }, ...table([head, ...rows]));
		},
	);

	withRemote(
		contacts
			.command('get')
			.description('show a contact, its addresses and its quiet hours')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const contact = await call<ShownContact>(options, 'GET', pathOf(id));
		show(options.json, contact, ...table(rowsOf(contact)));
	});

	withRemote(
		contacts
			.command('add')
			.description('add a contact')
			.argument('<id>')
			.requiredOption('--name <name>', 'name of the person')
			.requiredOption(
				'--address <channel=address>',
				'address, such as telegram=123456789 or telegram:bot=123456789 for one connection; may be repeated, the preferred one first',
				toAddresses,
			)
			.option('--time-zone <zone>', 'time zone of the quiet hours, such as Europe/Berlin')
			.option(
				'--quiet <from-to>',
				'hold normal messages at these hours, such as 22:00-07:00',
				toPeriod,
			)
			.option('--language <language>', 'language, such as de'),
	).action(async (id: string, options: AddOptions) => {
		const made = await call<ShownContact>(options, 'POST', '/contacts', {
			id,
			name: options.name,
			addresses: options.address,
			time_zone: options.timeZone,
			quiet_hours: options.quiet && [options.quiet],
			language: options.language,
		});
		show(options.json, made, `${made.id} is added; a send names it as contact:${made.id}`);
	});

	withRemote(
		contacts
			.command('remove')
			.description('remove a contact that no on-call, policy or open incident names')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		await call(options, 'DELETE', pathOf(id));
		show(options.json, { id }, `${id} is removed`);
	});
}

const pathOf = (id: string): string => `/contacts/${encodeURIComponent(id)}`;

const addressText = ({ channel, connection, address }: Address): string =>
	`${channel}${connection === undefined ? '' : `:${connection}`}=${address}`;

function rowsOf(contact: ShownContact): string[][] {
	const { name, addresses, language, time_zone: zone, quiet_hours: quiet = [], source } = contact;
	return [
		['name', name],
		...addresses.map((one) => ['address', addressText(one)]),
		...(language === undefined ? [] : [['language', language]]),
		...(zone === undefined ? [] : [['time zone', zone]]),
		...quiet.map(({ days, from, to, do: action }) => [
			'quiet',
			`${from}-${to} ${action} ${days.join(' ')}`,
		]),
		['from', source],
	];
}

function toAddresses(text: string, before: readonly Address[] = []): readonly Address[] {
	const [, channel, connection, address] =
		/^([a-z][a-z0-9_]*)(?::([^=]+))?=(.+)$/s.exec(text) ?? [];
	if (channel === undefined || address === undefined) {
		throw new InvalidArgumentError(
			'Give a channel and an address, such as telegram=123456789 or email=anna@example.com',
		);
	}
	return [...before, { channel, ...(connection === undefined ? {} : { connection }), address }];
}

function toPeriod(text: string): Period {
	const [, from, to] = /^(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(text) ?? [];
	if (from === undefined || to === undefined) {
		throw new InvalidArgumentError('Give two times of day, such as 22:00-07:00');
	}
	return { from, to };
}
