import { type ProviderId, PROVIDERS } from '@sureping/engine';
import { SCENES } from '../../support/webhooks/index.ts';
import { describeGenuine } from '../../support/webhooks/genuine.ts';

it('holds for every provider', () => {
	const seen: readonly ProviderId[] = SCENES.map(({ provider }) => provider);
	expect(Object.keys(PROVIDERS).filter((id) => !seen.some((one) => one === id))).toEqual([]);
});

for (const scene of SCENES) describeGenuine(scene);
