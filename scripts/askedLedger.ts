/**
 * The ledger that a command of members asks and sends to: a node of a network, or a data folder, by the gateway that runs on it.
 *
 * Promises: it is the ledger of a trust file, or nothing is done. Where a gateway has the folder it is asked over the socket
 * that it left there, which whoever may read the folder may use.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import { Refusal } from '../server/domain/base/refusal.ts';
import { CONTROL_SOCKET } from '../server/localControl.ts';
import { type AskedLedger, ledgerAt, ledgerOf } from '../server/succession.ts';
import { keyTokenIn } from '../server/wiring/config.ts';
import {
  foundedIn,
  openChain,
  openStores,
  requireTrust,
  trustIn,
  trustTextIn,
} from '../server/wiring/stores.ts';
import { type AnswerOptions, NotUnderstood, readText } from './answer.ts';
import { askedNode, CREDENTIALS_OPTION } from './nodeCredentials.ts';

const MAX_TRUST_BYTES = 65_536;

export interface LedgerOptions extends AnswerOptions {
  readonly data?: string;
  readonly rpc?: string;
  readonly trust?: string;
  readonly credentials?: string;
}

export function withLedger(command: Command): Command {
  return command
    .option('--data <folder>', 'the data folder (KUDURRU_DATA, else ./data); its gateway may run')
    .option('--rpc <url>', 'a node of a network instead, such as http://localhost:8545; with --trust')
    .option('--trust <file>', 'trust file of the ledger, for --rpc')
    .option(...CREDENTIALS_OPTION)
    .option('--json', 'answer as JSON');
}

export async function onLedger<T>(
  { data, rpc, trust, credentials }: LedgerOptions,
  run: (asked: AskedLedger, trust: TrustFile) => Promise<T>,
): Promise<T> {
  if ((rpc === undefined) !== (trust === undefined)) {
    throw new NotUnderstood('--rpc, the address of a node, and --trust, the trust file, go together.');
  }
  if (rpc !== undefined) {
    const believed = readTrust(readText(trust ?? '', MAX_TRUST_BYTES));
    return run(ledgerAt(askedNode(rpc, credentials), believed), believed);
  }
  const folder = path.resolve(data ?? process.env.KUDURRU_DATA ?? 'data');
  try {
    return await inFolder(folder, run);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'data-folder-in-use') throw error;
    return throughGateway(folder, run);
  }
}

async function throughGateway<T>(
  folder: string,
  run: (asked: AskedLedger, trust: TrustFile) => Promise<T>,
): Promise<T> {
  const socket = path.join(folder, CONTROL_SOCKET);
  const text = trustTextIn(folder);
  if (text === undefined || !existsSync(socket)) {
    throw new NotUnderstood(
      `${folder} is in use, and what uses it answers on no ${CONTROL_SOCKET}. Of a network ask a node, with --rpc and ` +
        '--trust; else stop what runs on the folder.',
    );
  }
  const trust = readTrust(text);
  return run(ledgerAt({ url: 'http://localhost', socket }, trust), trust);
}

async function inFolder<T>(
  folder: string,
  run: (asked: AskedLedger, trust: TrustFile) => Promise<T>,
): Promise<T> {
  const silent = pino({ level: 'silent' });
  const stores = await openStores(folder, silent, { keyToken: keyTokenIn(process.env) });
  try {
    const chain = await openChain(stores, silent);
    try {
      const contracts = await foundedIn(stores.keys, chain);
      if (contracts === undefined) throw new NotUnderstood(`${folder} holds no ledger.`);
      const trust = await trustIn(chain, contracts);
      requireTrust(folder, trust);
      return await run(ledgerOf(chain, trust), trust);
    } finally {
      await chain.close();
    }
  } finally {
    await stores.close();
  }
}
