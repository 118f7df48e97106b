import { createHash, randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';

/**
 * Kept in the execution itself (`getContext`): n8n gives it back when it runs the node again ("Retry on Fail"), stores it
 * with an execution that failed, and hands it on to the execution by which a person retries that one.
 */
const memorySchema = z.object({
	/** A token that n8n keeps over all retries of the execution; a random one where n8n saves none. */
	execution: z.string(),
	/** The round of a loop that `sent` belongs to. */
	round: z.unknown(),
	/** Output items of sends that went out while another item of the run failed, by the name of the send. */
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
	/** The output of a send that went out before. */
	recall(identity: string): IDataObject | undefined;
	/** Keeps the sends of this run that went out; none once all of them did. */
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
 * The execution's identity, which survives a kill of n8n and a manual retry: n8n then starts another execution, from
 * what it had saved, and the token by which the first could be resumed is part of that. n8n documents the URL and not
 * that the token stays; test/n8n/sends-once.test.ts notices when it does not.
 */
function executionIdentity(context: IExecuteFunctions): string {
	const resumeUrl: unknown = context.evaluateExpression('{{ $execution.resumeUrl }}', 0);
	const isUrl = typeof resumeUrl === 'string' && URL.canParse(resumeUrl);
	const token = isUrl ? new URL(resumeUrl).searchParams.get('signature') : null;
	// The id is empty, whatever its type says, where nothing is saved.
	return token || context.getExecutionId() || randomUUID();
}

/** The JSON was stored by this node, as items. */
function asData(sent: z.infer<typeof memorySchema>['sent']): Record<string, IDataObject> {
	return sent as Record<string, IDataObject>;
}
