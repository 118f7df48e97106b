export default {
	runner: {
		input: 'openapi.json',
		output: {
			target: 'generated/orval.ts',
			client: 'fetch',
			headers: true,
			baseUrl: { runtime: 'process.env.SUREPING_URL' },
		},
	},
};
