import { isObject, parseJson } from '../../parse/json.ts';
import { provider } from '../../provider.ts';
import { confirmationOf, snsEnvelope, verifySns } from './sns.ts';
import { readEvent } from './events.ts';

/** Messages that SES and SNS send once at set-up, and others that are no delivery events. */
function isSetupNotice(message: string, event: unknown): boolean {
	return (
		message.startsWith('Successfully validated SNS topic for Amazon SES') ||
		(isObject(event) && event.notificationType === 'AmazonSnsSubscriptionSucceeded')
	);
}

/** Amazon SES by way of Amazon SNS. Secrets: the ARNs of the topics, such as `arn:aws:sns:eu-west-1:123456789012:mail`. */
export const ses = provider({
	id: 'ses',
	parameter: 'ses',
	title: 'Amazon SES',
	scheme: {
		proof:
			"Signature in the body: Amazon SNS's RSA signature of its fields, with the certificate at SigningCertURL",
		secret: 'the ARN of the SNS topic that is expected (not a secret)',
		documentation: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
	},
	docs: {
		verifiedBy: 'RSA (Amazon SNS), topic, timestamp',
		events:
			'sent, delivered, retrying, bounced, failed, suppressed, opened, clicked, complained, unsubscribed, subscribed',
		setUp: 'SNS subscription, confirmed by itself',
	},
	verify: verifySns,
	read({ payload }, { now }) {
		const { data: envelope } = snsEnvelope.safeParse(payload);
		if (!envelope) return undefined;
		switch (envelope.Type) {
			case 'SubscriptionConfirmation': {
				const confirm = confirmationOf(envelope);
				return confirm === undefined ? undefined : { events: [], confirm };
			}
			case 'UnsubscribeConfirmation':
				return { events: [] };
			case 'Notification': {
				const event = parseJson(Buffer.from(envelope.Message));
				if (isSetupNotice(envelope.Message, event)) return { events: [] };
				return isObject(event) ? readEvent(event, envelope.MessageId, now) : undefined;
			}
			default:
				return undefined;
		}
	},
});
