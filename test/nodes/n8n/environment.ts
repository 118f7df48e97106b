import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

// Read when n8n-core is loaded, so this file is imported before it. Without it n8n-core writes into the home folder.
process.env.N8N_USER_FOLDER ??= mkdtempSync(join(tmpdir(), 'sureping-n8n-'));
// The refusals that tests provoke would fill the output.
process.env.N8N_LOG_LEVEL ??= 'silent';
