/** The help of `npm run n8n`. */
export const N8N_HELP = `npm run n8n [-- OPTIONS]

Starts n8n with the nodes of this clone, a runner beside it and the example workflows. It prints the login, the API key
and a curl to try. Everything is kept in data/n8n; Ctrl-C stops it, and the next start goes on with the same data.

Options
  --n8n 1      n8n 1.123, the oldest that the nodes support, in place of n8n 2
  --help, -h   this text

Environment
  WEBHOOK_URL  where others reach this n8n, such as behind a tunnel`;
