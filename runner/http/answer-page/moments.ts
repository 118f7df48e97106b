const FORMAT = {
	weekday: 'short',
	day: 'numeric',
	month: 'short',
	hour: '2-digit',
	minute: '2-digit',
	hourCycle: 'h23',
	timeZoneName: 'short',
} as const;

const UNITS = [
	{ name: 'day', seconds: 86_400 },
	{ name: 'hour', seconds: 3_600 },
	{ name: 'minute', seconds: 60 },
	{ name: 'second', seconds: 1 },
] as const;

/** Times as a person reads them: on the wall clock of a zone, and as seen from now. */
export class Moments {
	private readonly now: number;
	private readonly format: Intl.DateTimeFormat;
	private readonly relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

	/** `now`: milliseconds since 1970. `timeZone`: an IANA name. */
	constructor(now: number, timeZone = 'UTC') {
		this.now = now;
		this.format = new Intl.DateTimeFormat('en-GB', { ...FORMAT, timeZone });
	}

	/** `Mon 30 Nov, 04:12 UTC (3 minutes ago)`. */
	text(ms: number): string {
		return `${this.format.format(ms)} (${this.distance(ms)})`;
	}

	private distance(ms: number): string {
		const seconds = Math.round((ms - this.now) / 1000);
		const { name, seconds: size } = UNITS.find((unit) => Math.abs(seconds) >= unit.seconds) ?? {
			...{ name: 'second', seconds: 1 },
		};
		return seconds === 0 ? 'now' : this.relative.format(Math.trunc(seconds / size), name);
	}
}
