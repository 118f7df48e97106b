import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

// Read when n8n-core is loaded, so this file is imported before it: n8n-core writes its settings into this folder, and
// into the home folder without it.
const folder = mkdtempSync(join(tmpdir(), 'sureping-n8n-core-'));
process.env.N8N_USER_FOLDER = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The refusals that tests provoke would fill the output.
process.env.N8N_LOG_LEVEL ??= 'silent';
