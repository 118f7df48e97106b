// Types of the parts that the benchmark uses; the package brings no types. It is CommonJS, so its class is a property.
declare module 'notifme-sdk' {
	interface Channel {
		multiProviderStrategy: 'fallback' | 'roundrobin' | 'no-fallback';
		providers: {
			type: 'webhook' | 'custom';
			id?: string;
			webhookUrl?: string;
			send?(request: Record<string, string>): Promise<string>;
		}[];
	}
	interface NotifmeSdk {
		send(
			request: Record<string, Record<string, string>>,
		): Promise<{ status: 'success' | 'error'; errors?: Record<string, string> }>;
	}
	const notifme: { default: new (options: { channels: Record<string, Channel> }) => NotifmeSdk };
	export default notifme;
}
