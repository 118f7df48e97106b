import { parse } from 'flatted';

/** The result of a workflow's run, in the terms of a test. */
export interface ExecutionResult {
	id: string;
	/** success, error, crashed, canceled, waiting, running, new */
	status: string;
	/** manual, webhook, trigger, … */
	mode: string;
	error?: string;
	lastNode?: string;
	/** By node name, one entry per time that the node ran. */
	runs: Record<string, NodeRun[]>;
}

export interface NodeRun {
	error?: string;
	/** Items by output; an item is its `json`. */
	outputs: Record<string, unknown>[][];
}

/** n8n's answer: `data` is the run in the `flatted` format, which keeps shared and circular references. */
export interface StoredExecution {
	id: string;
	status: string;
	mode: string;
	data: string;
}

interface RunExecutionData {
	resultData?: {
		error?: { message: string };
		lastNodeExecuted?: string;
		runData?: Record<string, StoredNodeRun[]>;
	};
}

interface StoredNodeRun {
	error?: { message: string };
	data?: { main?: ({ json: Record<string, unknown> }[] | null)[] };
}

export function executionResult({ id, status, mode, data }: StoredExecution): ExecutionResult {
	// n8n's own format, of which only what is named above is read.
	const { resultData } = parse(data) as RunExecutionData;
	const runs = Object.entries(resultData?.runData ?? {}).map(([node, stored]) => [
		node,
		stored.map(nodeRun),
	]);
	return {
		id,
		status,
		mode,
		...(resultData?.error && { error: resultData.error.message }),
		...(resultData?.lastNodeExecuted && { lastNode: resultData.lastNodeExecuted }),
		runs: Object.fromEntries(runs) as Record<string, NodeRun[]>,
	};
}

const nodeRun = ({ error, data }: StoredNodeRun): NodeRun => ({
	...(error && { error: error.message }),
	outputs: (data?.main ?? []).map((items) => (items ?? []).map(({ json }) => json)),
});
