/** Tracks how far the webhooks are behind the messages that they tell about, from the sinks' counts. */
export class Lag {
	/** Messages that had been delivered at each look, the oldest first; those that webhooks have caught up with are gone. */
	private readonly looks: { readonly at: number; readonly channel: number }[] = [];
	endpoint = 0;
	/** The age of the oldest message without its webhook, if webhooks go out in the order of the messages. */
	seconds = 0;
	mostSeconds = 0;
	mostCount = 0;

	/** @param at milliseconds */
	look(at: number, { channel, endpoint }: { channel: number; endpoint: number }): void {
		this.looks.push({ at, channel });
		this.endpoint = endpoint;
		while (this.looks[0] && this.looks[0].channel <= endpoint) this.looks.shift();
		const oldest = this.looks[0];
		this.seconds = oldest ? (at - oldest.at) / 1000 : 0;
		this.mostSeconds = Math.max(this.mostSeconds, this.seconds);
		this.mostCount = Math.max(this.mostCount, channel - endpoint);
	}
}
