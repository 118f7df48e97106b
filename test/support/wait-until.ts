export { waitUntil } from '../../scripts/n8n/wait-until.ts';
