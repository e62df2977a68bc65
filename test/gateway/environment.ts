/**
 * What every program of ours that a test starts has of the test's own environment: the commands, and what Node kept of compiling. The
 * keys of its gateways lie on disk, seated or not.
 */

const { PATH = '', NODE_COMPILE_CACHE } = process.env;

export const ENVIRONMENT: Readonly<Record<string, string>> = Object.assign(
  { PATH, KUDURRU_ACCEPT_KEYS_ON_DISK: '1' },
  NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE },
);
