// Loaded into every test and every runner that a test starts: no name server is asked, so a test behaves the same with
// and without a network, and nothing it names is ever called. Addresses, localhost and the file of hosts work as ever.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

/** The system's look-up. A worker of jest loads this once for each file of tests. */
const system = dns.lookup.system ?? dns.lookup;

const isOwn = (host) => isIP(host) !== 0 || /^(?:.+\.)?localhost$/i.test(host);

function notFound(syscall, hostname) {
	const code = 'ENOTFOUND';
	return Object.assign(new Error(`${syscall} ${code} ${hostname}`), { code, syscall, hostname });
}

function lookup(host, ...rest) {
	if (isOwn(host)) return system(host, ...rest);
	process.nextTick(rest.at(-1), notFound('getaddrinfo', host));
}

async function lookupAsync(host, options) {
	const result = await new Promise((resolve, reject) => {
		lookup(
			host,
			typeof options === 'number' ? { family: options } : { ...options },
			(error, address, family) =>
				error ? reject(error) : resolve(options?.all ? address : { address, family }),
		);
	});
	return result;
}

const query = (host, ...rest) => process.nextTick(rest.at(-1), notFound('query', host));
const queryAsync = (host) => Promise.reject(notFound('query', host));

dns.lookup = Object.assign(lookup, { system });
dns.promises.lookup = lookupAsync;
for (const name of Object.keys(dns).filter((one) => /^(?:resolve|reverse)/.test(one))) {
	for (const owner of [dns, dns.Resolver.prototype]) owner[name] = query;
	for (const owner of [dns.promises, dns.promises.Resolver.prototype]) owner[name] = queryAsync;
}
syncBuiltinESMExports();
