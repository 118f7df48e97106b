import type { ProfileId } from '@sureping/engine';
import type { ApiKey } from '../../../config/config.ts';
import { refuseForProfile } from '../../../config/settings/index.ts';
import type { Api } from '../../api.ts';
import { invalid } from '../../problem.ts';

/** Throws a 422 for settings that the profile does not allow. */
export function refuseSettings(
	profile: ProfileId,
	settings: Parameters<typeof refuseForProfile>[1],
): void {
	const problems = refuseForProfile(profile, settings);
	if (problems.length > 0) throw invalid(problems);
}

/** Throws a 422 for a URL that the runner must not call. */
export async function refuseUrl(
	url: string,
	{ name }: ApiKey,
	{ guard }: Pick<Api, 'guard'>,
	path = 'url',
): Promise<void> {
	const refusal = await guard.refuse(url, name);
	if (refusal) throw invalid([{ path, message: refusal }]);
}
