import { AsyncLocalStorage } from 'node:async_hooks';
import type { Store } from '../../../runner/store/contract/index.ts';
import type { CommitKind, CrashPoint } from '../lives.ts';
import type { LifeOrders } from './orders.ts';

/** The calls that commit what was accepted and what became of it, each under the subject that has it. */
const CALLS = {
	sends: ['accept'],
	deliveries: ['update'],
	webhooks: ['settle'],
	incidents: ['open', 'change'],
} as const satisfies Partial<Record<keyof Store, readonly CommitKind[]>>;

/** Kills this process where its orders say, as a power cut would: nothing that it has not handed over yet gets out. */
export class CrashPoints {
	private readonly point: CrashPoint | undefined;
	private left: number;
	/** Changes since the last commit, for a store that commits all of them together. */
	private readonly asked = new Set<CommitKind>();
	/** The kind of change that the code runs for, where each kind has commits of its own. */
	private readonly kind = new AsyncLocalStorage<CommitKind>();

	constructor({ point, times = 1 }: LifeOrders) {
		this.point = point;
		this.left = times;
	}

	/** The store, with a point before each call and one after it. */
	around(store: Store): Store {
		const kinds = new Map<PropertyKey, readonly CommitKind[]>(Object.entries(CALLS));
		return new Proxy(store, {
			get: (target, name) => {
				const member: unknown = Reflect.get(target, name);
				if (typeof member === 'function') return member.bind(target);
				const calls = kinds.get(name);
				return calls && typeof member === 'object' && member
					? this.aroundCalls(member, calls)
					: member;
			},
		});
	}

	/** One subject of the store, with the points around the calls of these names. */
	private aroundCalls(noun: object, kinds: readonly CommitKind[]): object {
		return new Proxy(noun, {
			get: (target, name) => {
				const method: unknown = Reflect.get(target, name);
				if (typeof method !== 'function') return method;
				const kind = kinds.find((one) => one === name);
				if (kind === undefined) return method.bind(target);
				return async (...args: readonly unknown[]): Promise<unknown> => {
					this.reach(`${kind}:called`);
					this.asked.add(kind);
					const result: unknown = await this.kind.run(kind, () =>
						Reflect.apply(method, target, args),
					);
					this.reach(`${kind}:told`);
					return result;
				};
			},
		});
	}

	asking(): CommitKind | undefined {
		return this.kind.getStore();
	}

	beforeCommit(only?: CommitKind): void {
		for (const kind of only ? [only] : this.asked) this.reach(`${kind}:uncommitted`);
	}

	afterCommit(only?: CommitKind): void {
		for (const kind of only ? [only] : this.asked) this.reach(`${kind}:committed`);
		this.asked.clear();
	}

	private reach(point: CrashPoint): void {
		if (point !== this.point) return;
		this.left--;
		if (this.left === 0) process.kill(process.pid, 'SIGKILL');
	}
}
