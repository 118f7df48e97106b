import { join } from 'node:path';
import ts from 'typescript';
import { inNode } from '../../support/es-module.ts';
import type { Manifest } from './chart.ts';

/** Mistakes in manifests by Kubernetes' own schemas, as the package kubernetes-models has them. */
export function mistakesIn(manifests: readonly Manifest[]): readonly unknown[] {
	const wrongValues = inNode(
		`output = [];
		for (const manifest of input) {
			const { apiVersion, kind } = manifest;
			const { [kind]: Kind } = await import(\`kubernetes-models/\${apiVersion}/\${kind}\`);
			try {
				new Kind(manifest).validate();
			} catch (error) {
				output.push(\`\${kind}: \${error.message}\`);
			}
		}`,
		manifests,
	);
	// The script's own output.
	return [...(wrongValues as unknown[]), ...unknownMembers(manifests)];
}

/** Members that Kubernetes does not know. Its schemas allow them, as it ignores them; its types do not. */
function unknownMembers(manifests: readonly Manifest[]): string[] {
	const text = manifests
		.map(({ apiVersion, kind, ...members }, i) => {
			const type = `import('kubernetes-models/${apiVersion}/${kind}').I${kind}`;
			const whole = JSON.stringify({ apiVersion, kind, ...members });
			return `export const manifest${i}: ${type} = ${whole};`;
		})
		.join('\n');
	const file = join(process.cwd(), 'test/deploy/manifests.ts');
	const options: ts.CompilerOptions = {
		...{ noEmit: true, strict: true, skipLibCheck: true, types: [], lib: ['lib.es2023.d.ts'] },
		...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
	};
	const host = ts.createCompilerHost(options);
	const { getSourceFile } = host;
	host.getSourceFile = (name, languageVersion, ...others) =>
		name === file
			? ts.createSourceFile(name, text, languageVersion)
			: getSourceFile.call(host, name, languageVersion, ...others);
	const program = ts.createProgram([file], options, host);
	return ts
		.getPreEmitDiagnostics(program)
		.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
