import { createHash, randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';

/**
 * State kept in the execution (`getContext`). n8n returns it when it runs the node again ("Retry on Fail"), stores it with
 * a failed execution, and passes it on to the execution that retries that one.
 */
const memorySchema = z.object({
	/** The execution's name, the same in all retries; random if n8n does not save the execution. */
	execution: z.string(),
	/** The round of a loop that `sent` belongs to. */
	round: z.unknown(),
	/** Sends that succeeded in a run in which another item failed: `identity → output item`. */
	sent: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const KEY = 'sureping';

export interface ExecutionMemory {
	/**
	 * Names the send that an item stands for: the same however often n8n runs the node for it, and another one in every
	 * other execution, loop round, node, workflow and n8n. The item counts as it came in and the parameters not at all:
	 * an evaluated `{{ $now }}` would make every try a new send, and so would correcting a parameter for the items that
	 * did not go out.
	 */
	identityOf(itemIndex: number): string;
	/** The output of a send that succeeded before. */
	recall(identity: string): IDataObject | undefined;
	/** Keeps the successful sends of this run. Once all have succeeded, nothing needs to be kept. */
	remember(sent: ReadonlyMap<string, IDataObject>, isComplete: boolean): void;
}

export function openMemory(context: IExecuteFunctions): ExecutionMemory {
	const store = context.getContext('node');
	const round: unknown = context.evaluateExpression('{{ $runIndex }}', 0);
	const known = memorySchema.safeParse(store[KEY]).data;
	const execution = known?.execution ?? executionIdentity(context);
	const sent = known && known.round === round ? known.sent : {};
	const keep = (now: Readonly<Record<string, IDataObject>>): void => {
		store[KEY] = { execution, round, sent: now };
	};
	keep(asData(sent));

	const items = context.getInputData();
	const workflow = context.getWorkflow().id;
	const run = JSON.stringify([
		context.getInstanceId(),
		workflow,
		execution,
		context.getNode().id,
		round,
	]);
	return {
		identityOf: (itemIndex) =>
			createHash('sha256')
				.update(run)
				.update(JSON.stringify([itemIndex, items[itemIndex]?.json]))
				.digest('hex'),
		recall: (identity) => asData(sent)[identity],
		remember: (results, isComplete) => keep(isComplete ? {} : Object.fromEntries(results)),
	};
}

/**
 * The execution's name. It stays the same when n8n was killed in the execution and a user retries it: n8n then starts
 * another execution from the saved data, which include the token for resuming the first. n8n documents the resume URL but
 * not that the token stays; test/n8n/sends-once.test.ts fails if it does not.
 */
function executionIdentity(context: IExecuteFunctions): string {
	const resumeUrl: unknown = context.evaluateExpression('{{ $execution.resumeUrl }}', 0);
	const isUrl = typeof resumeUrl === 'string' && URL.canParse(resumeUrl);
	const token = isUrl ? new URL(resumeUrl).searchParams.get('signature') : null;
	// Despite its type, the id is empty when n8n saves nothing.
	return token || context.getExecutionId() || randomUUID();
}

/** The stored JSON is this node's own output. */
function asData(sent: z.infer<typeof memorySchema>['sent']): Record<string, IDataObject> {
	return sent as Record<string, IDataObject>;
}
