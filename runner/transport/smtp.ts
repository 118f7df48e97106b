import type { Mailer } from '@sureping/engine';
import { createTransport } from 'nodemailer';

/** Nodemailer's errors carry what the server said. */
interface SmtpError {
	readonly code?: unknown;
	readonly responseCode?: unknown;
	readonly response?: unknown;
}

/** Mail over SMTP, one connection per mail. */
export const sendMail: Mailer = async (mail, server, timeoutMs) => {
	const { host, port, secure, user, pass } = server;
	const transport = createTransport({
		host,
		port,
		secure,
		...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
		connectionTimeout: timeoutMs,
		greetingTimeout: timeoutMs,
		socketTimeout: timeoutMs,
		dnsTimeout: timeoutMs,
		disableFileAccess: true,
		disableUrlAccess: true,
	});
	try {
		const { response } = await transport.sendMail(mail);
		return { status: replyCode(response) ?? 250, text: response };
	} catch (error) {
		const { code, responseCode, response } = isSmtpError(error) ? error : {};
		if (typeof responseCode === 'number') {
			return { status: responseCode, text: oneLine(response).replace(/^\d{3}[ -]?/, '') };
		}
		return code === 'ETIMEDOUT'
			? { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` }
			: { failure: 'connection', detail: typeof code === 'string' ? code : 'no answer' };
	} finally {
		transport.close();
	}
};

function isSmtpError(error: unknown): error is SmtpError {
	return typeof error === 'object' && error !== null;
}

function replyCode(response: string): number | undefined {
	const code = Number.parseInt(response, 10);
	return Number.isNaN(code) ? undefined : code;
}

function oneLine(text: unknown): string {
	return typeof text === 'string' ? text.replace(/\s+/g, ' ').trim().slice(0, 300) : '';
}
