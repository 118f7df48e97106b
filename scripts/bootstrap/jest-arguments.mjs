/** The project comes last: jest takes every word after `--selectProjects` for the name of another project. */
export const jestArguments = (project, args) => [...args, `--selectProjects=${project}`];
