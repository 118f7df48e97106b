// Makes the clock of a process start at `?at=` (milliseconds since 1970) and go on from there: node --import FILE?at=TIME.
const System = Date;
const shift = Number(new URL(import.meta.url).searchParams.get('at')) - System.now();

globalThis.Date = class extends System {
	constructor(...args) {
		if (args.length > 0) super(...args);
		else super(System.now() + shift);
	}

	static now() {
		return System.now() + shift;
	}
};
