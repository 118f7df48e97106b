/** A button under a message, for its recipient to answer with. */
export interface AnswerButton {
	readonly label: string;
	/** Comes back as it is, at most 64 bytes of UTF-8 (core.telegram.org/bots/api#inlinekeyboardbutton). */
	readonly data: string;
}

const ACTIONS = { acknowledge: 'Acknowledge', resolve: 'Resolve' } as const;
export type ButtonAction = keyof typeof ACTIONS;

// The names of its own members.
const BUTTON_ACTIONS = Object.keys(ACTIONS) as ButtonAction[];

/** The buttons under a page of an incident. */
export function answerButtons(incidentId: string): readonly AnswerButton[] {
	return BUTTON_ACTIONS.map((action) => ({
		label: ACTIONS[action],
		data: `${action}:${incidentId}`,
	}));
}

/** The answer that a button's data stands for; undefined for data that none of ours has. */
export function readButton(
	data: string,
): { readonly action: ButtonAction; readonly incidentId: string } | undefined {
	const [, name, incidentId] = /^([a-z]+):(inc_\w+)$/.exec(data) ?? [];
	const action = BUTTON_ACTIONS.find((one) => one === name);
	return action && incidentId ? { action, incidentId } : undefined;
}
