// The goals of the benchmarks. Each benchmark reports the figures that it finds; `npm run bench` prints them at its end,
// and a benchmark that runs alone prints its own.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod/v4';
import { median } from './process.ts';
import { table, withSpread } from './table.ts';

interface Goal {
	readonly title: string;
	readonly must: number;
	readonly aim: number;
	readonly better: 'more' | 'less';
	readonly unit?: string;
}

const GOALS = {
	accepts: { title: 'accepts/s to the prototype', must: 0.3, aim: 0.4, better: 'more' },
	endToEnd: { title: 'end to end/s to the prototype', must: 0.4, aim: 0.5, better: 'more' },
	cpu: { title: 'processor time each to the prototype', must: 2.8, aim: 2.2, better: 'less' },
	p99AtHalf: {
		title: 'p99 at half of its own load to the first prototype',
		must: 1.3,
		aim: 1,
		better: 'less',
	},
	bullmq: {
		title: 'end to end/s to BullMQ and undici, fsync always',
		must: 1.6,
		aim: 2,
		better: 'more',
	},
	webhookDelay: {
		title: 'webhooks behind dispatch while saturated for a minute',
		must: 2,
		aim: 1,
		better: 'less',
		unit: 's',
	},
	postgresBaseline: {
		title: 'PostgreSQL, one process, end to end/s to the baseline',
		must: 1.7,
		aim: 2.5,
		better: 'more',
	},
	pgBoss: {
		title: 'PostgreSQL, end to end/s to pg-boss and undici',
		must: 1,
		aim: 1.3,
		better: 'more',
	},
	backlog: {
		title: 'processor time each with 1,000,000 waiting to 1,000 waiting',
		must: 1.15,
		aim: 1.1,
		better: 'less',
	},
	backlogMemory: {
		title: 'peak of memory with 1,000,000 waiting',
		must: 300,
		aim: 250,
		better: 'less',
		unit: 'MB',
	},
	saturatedMemory: {
		title: 'peak of memory while saturated for a minute',
		must: 400,
		aim: 350,
		better: 'less',
		unit: 'MB',
	},
	sqliteBytes: {
		title: 'SQLite, bytes of database each to the first measurement',
		must: 0.7,
		aim: 0.5,
		better: 'less',
	},
	postgresBytes: {
		title: 'PostgreSQL, bytes of database each to the first measurement',
		must: 0.7,
		aim: 0.5,
		better: 'less',
	},
	scaleOut: {
		title: '4 processes on a slow PostgreSQL, share of linear',
		must: 0.8,
		aim: 0.95,
		better: 'more',
	},
	sqliteMigration: {
		title: 'SQLite, migration of 1,000,000 notifications, killed twice',
		must: 60,
		aim: 60,
		better: 'less',
		unit: 's',
	},
	postgresMigration: {
		title: 'PostgreSQL, migration of 1,000,000 notifications, killed twice',
		must: 180,
		aim: 180,
		better: 'less',
		unit: 's',
	},
} satisfies Record<string, Goal>;

export type GoalName = keyof typeof GOALS;

/** The file that collects the figures of several benchmarks; without it, each prints its own. */
const COLLECTED = process.env.SUREPING_BENCH_GOALS;

const own = new Map<GoalName, readonly number[]>();

/** Reports a goal's figure, one for each round. */
export function found(goal: GoalName, rounds: readonly number[]): void {
	if (rounds.length === 0) return;
	if (COLLECTED !== undefined) {
		appendFileSync(COLLECTED, `${JSON.stringify({ goal, rounds })}\n`);
		return;
	}
	if (own.size === 0) process.once('beforeExit', () => console.log(goalsTable(own)));
	own.set(goal, rounds);
}

const lineSchema = z.object({ goal: z.string(), rounds: z.array(z.number()) });

/** Prints all goals, with the figures that the benchmarks have collected in `file`. */
export function printGoals(file: string): void {
	const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
	const figures = lines
		.filter((line) => line !== '')
		.map((line) => lineSchema.parse(JSON.parse(line)));
	console.log(
		goalsTable(new Map(figures.map(({ goal, rounds }) => [goal, rounds] as const)), GOALS),
	);
}

function goalsTable(
	figures: ReadonlyMap<string, readonly number[]>,
	goals: Readonly<Record<string, Goal>> = Object.fromEntries(
		Object.entries(GOALS).filter(([name]) => figures.has(name)),
	),
): string {
	const rows = Object.entries(goals).map(([name, { title, must, aim, better, unit = '' }]) => {
		const rounds = figures.get(name);
		const shown = (limit: number): string =>
			`${better === 'more' ? '≥' : '≤'} ${limit} ${unit}`.trimEnd();
		if (!rounds) return [title, shown(must), shown(aim), '–', 'not measured'];
		const middle = median(rounds);
		const reaches = (limit: number): boolean =>
			better === 'more' ? middle >= limit : middle <= limit;
		const verdict = reaches(aim) ? 'aim met' : reaches(must) ? 'met' : 'missed';
		const digits = must >= 100 ? 0 : must >= 10 ? 1 : 2;
		return [title, shown(must), shown(aim), withSpread(rounds, digits), verdict];
	});
	return `\n${table([['goal', 'must', 'aim', 'found', ''], ...rows])}`;
}
