/** The environment, parsed once at start and then frozen. A setting that cannot be read stops the start and says which. */
import path from 'node:path';
import { refusal } from '../domain/base/refusal.ts';

export interface Config {
  /** Where people and machines reach the gateway, on loopback: TLS and the outside are a proxy's. */
  readonly port: number;
  /** The JSON-RPC listener for tools on this machine; 0 leaves it out. */
  readonly rpcPort: number;
  readonly dataFolder: string;
  /** Read once, when the ledger is founded; afterwards the ledger says who governs. */
  readonly foundingFile: string;
  /** Somebody named the file: then it must be there. */
  readonly isFoundingNamed: boolean;
  /** A one-time link is printed though there was one: for whoever lost the administrator's token. */
  readonly isLinkAsked: boolean;
  /** Somebody looked at the clock, which is far after everything that was seen, and says that it is right. */
  readonly isClockAccepted: boolean;
  /** Everything says DEMO. */
  readonly demo: boolean;
}

const MAX_PORT = 65_535;

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const dataFolder = path.resolve(env.KUDURRU_DATA ?? 'data');
  return Object.freeze({
    port: portOf(env, 'PORT', 8080),
    rpcPort: portOf(env, 'KUDURRU_RPC_PORT', 8545),
    dataFolder,
    foundingFile: path.resolve(env.KUDURRU_FOUNDING ?? path.join(dataFolder, 'founding.json')),
    isFoundingNamed: env.KUDURRU_FOUNDING !== undefined,
    isLinkAsked: env.KUDURRU_NEW_LINK === '1',
    isClockAccepted: env.KUDURRU_ACCEPT_CLOCK === '1',
    demo: env.KUDURRU_DEMO === '1',
  });
}

function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] ?? String(fallback);
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > MAX_PORT) throw refusal('setting-malformed', { setting: name });
  return port;
}
