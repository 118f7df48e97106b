export { ensureNode20 as node20 } from '../../scripts/bootstrap/node-20.mjs';
