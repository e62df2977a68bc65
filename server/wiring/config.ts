/** The environment, parsed once at start and then frozen. A setting that cannot be read stops the start and says which. */
import path from 'node:path';
import { refusal } from '../domain/base/refusal.ts';
import type { InstitutionId } from '../domain/base/terms.ts';
import type { TokenSettings } from '../store/pkcs11.ts';
import { isReadOnTheWay } from './credentials.ts';

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
  /** What a check found of the order of keys: it is built again from the rows at this start. */
  readonly isOrderBuiltAgain: boolean;
  /** The hardware token that the keys are opened by; absent, a file beside them does. */
  readonly keyToken?: TokenSettings;
  /** Somebody said it of a seated ledger: whoever copies both folders reads every record. */
  readonly areKeysOnDiskAccepted: boolean;
  /** Everything says DEMO. */
  readonly demo: boolean;
  /** The network whose ledger this gateway serves; absent, it founds and keeps a chain of its own. */
  readonly network?: NetworkConfig;
}

export interface NetworkConfig {
  /** At least one, none with credentials in it. */
  readonly nodes: readonly URL[];
  /** What is believed of the network, obtained from the other members and never from a node. */
  readonly trustFile: string;
  /** The member that keeps this gateway: it issues tokens for no other. */
  readonly institution: InstitutionId;
  /** One line for each node in their order, or one for all: `Bearer TOKEN` or `NAME:PASSWORD`. */
  readonly credentialsFile?: string;
  /** Certificates of other members, which carry changes of validators with their proofs. */
  readonly lineageFiles: readonly string[];
  /** After how many seconds validators try again, as the genesis of the network says. */
  readonly timeoutSeconds: number;
  /** How many seconds apart validators make blocks that hold nothing, as the genesis says; 0 where as often as others. */
  readonly emptyPeriodSeconds: number;
  /** The members have settled which of two blocks of this height is the ledger's. */
  readonly settledBlock?: bigint;
}

const MAX_PORT = 65_535;
const MAX_NODES = 16;
/** A checkpoint a year, for as long as a ledger is planned for. */
const MAX_LINEAGE_FILES = 32;
const MAX_INSTITUTION = 255;

/** Of the gateway; the first are of its network. */
const OF_NETWORK = [
  'KUDURRU_NODES',
  'KUDURRU_TRUST',
  'KUDURRU_INSTITUTION',
  'KUDURRU_NODE_CREDENTIALS',
  'KUDURRU_BLOCK_TIMEOUT',
  'KUDURRU_EMPTY_BLOCK_PERIOD',
  'KUDURRU_SETTLED_BLOCK',
  'KUDURRU_LINEAGE',
];
const OF_GATEWAY = [
  ...OF_NETWORK,
  'KUDURRU_DATA',
  'KUDURRU_FOUNDING',
  'KUDURRU_RPC_PORT',
  'KUDURRU_NEW_LINK',
  'KUDURRU_ACCEPT_CLOCK',
  'KUDURRU_BUILD_ORDER',
  'KUDURRU_ACCEPT_KEYS_ON_DISK',
  'KUDURRU_KEY_TOKEN',
  'KUDURRU_KEY_TOKEN_MODULE',
  'KUDURRU_KEY_TOKEN_PIN_FILE',
  'KUDURRU_DEMO',
  'KUDURRU_LOG',
  'KUDURRU_CRASH',
  'KUDURRU_STARTER',
];
/** Of the commands and the deployment: a shell that has them starts a gateway as well. */
const OF_COMMANDS = [
  'KUDURRU_KEYS',
  'KUDURRU_PASSPHRASE',
  'KUDURRU_NEW_PASSPHRASE',
  'KUDURRU_PIN',
  'KUDURRU_GATEWAY',
  'KUDURRU_TOKEN',
  'KUDURRU_RPC_URL',
  'KUDURRU_FOUNDER_KEY',
  'KUDURRU_CHARTER',
  'KUDURRU_VALIDATORS',
];
const PREFIX = 'KUDURRU_';

export function readConfig(env: NodeJS.ProcessEnv): Config {
  for (const name of Object.keys(env)) requireKnown(name);
  const dataFolder = path.resolve(env.KUDURRU_DATA ?? 'data');
  const network = networkOf(env);
  const keyToken = keyTokenIn(env);
  return Object.freeze({
    port: portOf(env, 'PORT', 8080),
    rpcPort: portOf(env, 'KUDURRU_RPC_PORT', 8545),
    dataFolder,
    foundingFile: path.resolve(env.KUDURRU_FOUNDING ?? path.join(dataFolder, 'founding.json')),
    isFoundingNamed: env.KUDURRU_FOUNDING !== undefined,
    isLinkAsked: env.KUDURRU_NEW_LINK === '1',
    isClockAccepted: env.KUDURRU_ACCEPT_CLOCK === '1',
    isOrderBuiltAgain: env.KUDURRU_BUILD_ORDER === '1',
    areKeysOnDiskAccepted: env.KUDURRU_ACCEPT_KEYS_ON_DISK === '1',
    demo: env.KUDURRU_DEMO === '1',
    ...(network && { network }),
    ...(keyToken && { keyToken }),
  });
}

const OF_TOKEN = ['KUDURRU_KEY_TOKEN', 'KUDURRU_KEY_TOKEN_MODULE', 'KUDURRU_KEY_TOKEN_PIN_FILE'] as const;

/** All of it or nothing: for every command that opens a data folder. */
export function keyTokenIn(env: NodeJS.ProcessEnv): TokenSettings | undefined {
  const [label, module] = [env.KUDURRU_KEY_TOKEN, env.KUDURRU_KEY_TOKEN_MODULE];
  const pinFile = env.KUDURRU_KEY_TOKEN_PIN_FILE;
  const named = OF_TOKEN.find((name) => env[name] !== undefined);
  if (named === undefined) return undefined;
  const missing = OF_TOKEN.find((name) => (env[name] ?? '') === '');
  if (missing !== undefined || !label || !module || !pinFile) {
    throw refusal('setting-missing', { setting: missing ?? named, for: named });
  }
  return Object.freeze({ label, module: path.resolve(module), pinFile: path.resolve(pinFile) });
}

/** A setting that nobody reads would leave its operator believing that it counts: with a wrong name, a second ledger. */
function requireKnown(name: string): void {
  const known = [...OF_GATEWAY, ...OF_COMMANDS];
  if (!name.startsWith(PREFIX) || known.includes(name)) return;
  const [nearest = ''] = OF_GATEWAY.toSorted((one, other) => distance(one, name) - distance(other, name));
  throw refusal('setting-unknown', { setting: nameShown(name), nearest });
}

/** A name is no secret, but what was written in place of one may be. */
const nameShown = (name: string): string => (/^[A-Z_]{1,40}$/.test(name) ? name : `${PREFIX}...`);

/** How many letters are put in, left out or changed between two names. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = (row[j] ?? 0) + (letter === other[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function networkOf(env: NodeJS.ProcessEnv): NetworkConfig | undefined {
  const [nodes, trust] = [env.KUDURRU_NODES, env.KUDURRU_TRUST];
  const [institution, credentials] = [env.KUDURRU_INSTITUTION, env.KUDURRU_NODE_CREDENTIALS];
  const [settled, quiet] = [env.KUDURRU_SETTLED_BLOCK, env.KUDURRU_EMPTY_BLOCK_PERIOD];
  if (nodes === undefined) {
    const named = OF_NETWORK.find((name) => env[name] !== undefined);
    if (named !== undefined) throw refusal('setting-missing', { setting: 'KUDURRU_NODES', for: named });
    return undefined;
  }
  const missing = trust === undefined ? 'KUDURRU_TRUST' : 'KUDURRU_INSTITUTION';
  if (trust === undefined || institution === undefined) {
    throw refusal('setting-missing', { setting: missing, for: 'KUDURRU_NODES' });
  }
  if (env.KUDURRU_FOUNDING !== undefined) {
    throw refusal('setting-contradicted', { setting: 'KUDURRU_FOUNDING', other: 'KUDURRU_NODES' });
  }
  const number = Number(institution);
  if (!/^[1-9]\d{0,2}$/.test(institution) || number > MAX_INSTITUTION) {
    throw refusal('setting-malformed', { setting: 'KUDURRU_INSTITUTION', what: 'the number of a member' });
  }
  return Object.freeze({
    nodes: nodesOf(nodes, credentials !== undefined),
    trustFile: path.resolve(trust),
    institution: number as InstitutionId,
    ...(credentials !== undefined && { credentialsFile: path.resolve(credentials) }),
    lineageFiles: lineageFilesIn(env.KUDURRU_LINEAGE),
    timeoutSeconds: Number(wholeIn('KUDURRU_BLOCK_TIMEOUT', env.KUDURRU_BLOCK_TIMEOUT ?? '10')),
    emptyPeriodSeconds: quiet === undefined ? 0 : Number(wholeIn('KUDURRU_EMPTY_BLOCK_PERIOD', quiet)),
    ...(settled !== undefined && { settledBlock: wholeIn('KUDURRU_SETTLED_BLOCK', settled) }),
  });
}

/** One of before a checkpoint and one of after it: which change each proves, the file says. */
function lineageFilesIn(text: string | undefined): readonly string[] {
  const files = text?.split(',').map((part) => part.trim()) ?? [];
  if (files.length > MAX_LINEAGE_FILES || files.includes('')) {
    const what = `a list of at most ${MAX_LINEAGE_FILES} files with commas between`;
    throw refusal('setting-malformed', { setting: 'KUDURRU_LINEAGE', what });
  }
  return files.map((file) => path.resolve(file));
}

function wholeIn(setting: string, text: string): bigint {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refusal('setting-malformed', { setting, what: 'a whole number' });
  return BigInt(text);
}

function nodesOf(text: string, hasCredentials: boolean): readonly URL[] {
  const malformed = (what: string) => refusal('setting-malformed', { setting: 'KUDURRU_NODES', what });
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > MAX_NODES) throw malformed(`at most ${MAX_NODES} addresses`);
  const nodes = parts.map((part) => {
    const url = URL.parse(part);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      throw malformed('a list of http or https addresses with commas between');
    }
    if (hasCredentials && isReadOnTheWay(url)) {
      throw malformed('of https where KUDURRU_NODE_CREDENTIALS are sent, but on this machine');
    }
    if (url.username !== '' || url.password !== '' || url.search !== '') {
      throw malformed(
        'without a name, a password or a key: those are for the file of KUDURRU_NODE_CREDENTIALS',
      );
    }
    return url;
  });
  if (new Set(nodes.map(String)).size < nodes.length) throw malformed('without a repeated address');
  return nodes;
}

function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] ?? String(fallback);
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > MAX_PORT) {
    throw refusal('setting-malformed', { setting: name, what: 'a port number' });
  }
  return port;
}
