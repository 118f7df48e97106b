import 'reflect-metadata';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

// Read when n8n-core is loaded, so this file is imported before it: n8n-core writes its settings into this folder, and
// into the home folder without it.
process.env.N8N_USER_FOLDER = temporaryDirectory('n8n-core');

// The refusals that tests provoke would fill the output.
process.env.N8N_LOG_LEVEL ??= 'silent';
