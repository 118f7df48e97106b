import { SCENES } from '../../support/webhooks/index.ts';
import { describeConformance } from '../../support/webhooks/conformance.ts';

for (const scene of SCENES) describeConformance(scene);
