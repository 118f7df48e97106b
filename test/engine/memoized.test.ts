import { memoized } from '@sureping/engine';

function counted() {
	let made = 0;
	const make = memoized((text: string) => ({ text, number: ++made }));
	return { make, made: () => made };
}

it('makes the same thing of a text once', () => {
	const { make, made } = counted();
	expect(make('a')).toBe(make('a'));
	expect(make('b')).toEqual({ text: 'b', number: 2 });
	expect(made()).toBe(2);
});

it('remembers that nothing could be made', () => {
	let asked = 0;
	const make = memoized(() => void asked++);
	make('a');
	make('a');
	expect(asked).toBe(1);
});

it('keeps neither more than 256 texts nor one of more than 8,192 characters', () => {
	const { make, made } = counted();
	for (let i = 0; i < 256; i++) make(`text ${i}`);
	make('text 0');
	expect(made()).toBe(256);
	make('one more');
	make('text 0');
	expect(made()).toBe(258);
	const long = 'x'.repeat(8_193);
	make(long);
	make(long);
	expect(made()).toBe(260);
});
