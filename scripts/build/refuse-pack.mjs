// Runs before `npm pack` and `npm publish` in the clone, whose package.json files are those of the workspaces: with
// scripts, development dependencies and without the licences of what is bundled.
const { npm_package_name: name = 'NAME' } = process.env;
console.error(`${name} is not packed or published from the clone. Run "npm run stage" in its root,
and then pack or publish the folder that it writes: npm pack ./dist/packages/${name}`);
process.exit(1);
