/** What every program of ours that a test starts has of the test's own environment: the commands, and what Node kept of compiling. */

const { PATH = '', NODE_COMPILE_CACHE } = process.env;

export const ENVIRONMENT: Readonly<Record<string, string>> = Object.assign(
  { PATH },
  NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE },
);
