// Makes the clock of this process start at TEST_STARTS_AT (milliseconds since 1970) and go on from there.
const System = Date;
const shift = Number(process.env.TEST_STARTS_AT) - System.now();

globalThis.Date = class extends System {
	constructor(...args) {
		if (args.length > 0) super(...args);
		else super(System.now() + shift);
	}

	static now() {
		return System.now() + shift;
	}
};
