/**
 * Every byte of a ledger: what its JSON-RPC listener tells of every block and account, and what every account of it
 * has stored at any time. For whoever must show that something is nowhere in it.
 */
import path from 'node:path';
import { pino } from 'pino';
import { startExecutor } from '../../server/ledger/executor.ts';
import { executeBlock } from '../../server/ledger/replay.ts';
import { openBlocks } from '../../server/store/blocks.ts';
import { keyFolderOf, openSoftwareKeys } from '../../server/store/keys.ts';
import { openLevel } from '../../server/store/level.ts';
import { RowSeal } from '../../server/store/record.ts';
import { openStores } from '../../server/wiring/stores.ts';

/** Bytes somebody could read, and where. */
export interface Place {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Asks a listener for one answer; errors are answers too. */
export async function askRpc(url: string, body: string, type = 'application/json'): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body });
  return answer.text();
}

/** Blocks with their transactions, receipts, headers and finality; code and proof of every account they name. */
export async function* servedBlocks(url: string): AsyncGenerator<Place> {
  const call = async (method: string, ...params: unknown[]) => {
    const text = await askRpc(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    const { result } = JSON.parse(text) as { result?: unknown };
    if (result === undefined) throw new Error(`${method}: ${text}`);
    return { result, place: { name: `rpc ${method} ${params[0] ?? ''}`, bytes: withHexDecoded(text) } };
  };
  const { result: head } = await call('eth_blockNumber');
  const addresses = new Set<string>();
  for (let number = 0n; number <= BigInt(String(head)); number++) {
    const at = `0x${number.toString(16)}`;
    const answers = [
      await call('eth_getBlockByNumber', at, true),
      await call('eth_getBlockReceipts', at),
      await call('debug_getRawHeader', at),
      await call('kudurru_finality', at),
      await call('eth_getLogs', { fromBlock: at, toBlock: at }),
    ];
    for (const { place, result } of answers) {
      yield place;
      for (const [address] of JSON.stringify(result).matchAll(/"0x[0-9a-f]{40}"/g)) addresses.add(address);
    }
  }
  for (const quoted of addresses) {
    const address = quoted.slice(1, -1);
    yield (await call('eth_getCode', address, 'latest')).place;
    yield (await call('eth_getProof', address, ['0x0'.padEnd(66, '0')], 'latest')).place;
  }
}

/**
 * Executes the journal of a folder that no gateway has open, and tells what every transaction left in every account:
 * code, and each slot before and after.
 */
export async function* storedByAccounts(dataFolder: string): AsyncGenerator<Place> {
  const stores = await openStores(dataFolder, pino({ level: 'silent' }));
  try {
    const journal = await openBlocks(stores.store);
    if (journal.genesis === undefined) throw new Error('a ledger without a genesis');
    yield { name: 'genesis', bytes: withHexDecoded(JSON.stringify(journal.genesis, writeInteger)) };
    const executor = await startExecutor(journal.genesis);
    for await (const block of journal.read(1n)) {
      const { number, timestamp, transactions } = block;
      const { transactionHashes } = await executeBlock(executor, number, timestamp, transactions);
      for (const hash of transactionHashes) {
        const tracer = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } };
        const diff = await executor.call('debug_traceTransaction', hash, tracer);
        yield { name: `accounts after block ${number}`, bytes: withHexDecoded(JSON.stringify(diff)) };
      }
    }
  } finally {
    await stores.close();
  }
}

/**
 * The rows of every level of the folder, as they lie there and, where they are sealed, as who has the store's key reads them:
 * in the files they may be packed, and a word of theirs cut in two.
 */
export async function* storedRows(dataFolder: string): AsyncGenerator<Place> {
  const seal = new RowSeal(await openSoftwareKeys(keyFolderOf(dataFolder)).integrityKey());
  for (const [name, compression] of [
    ['precious', false],
    ['keyStore', false],
    ['views', true],
  ] as const) {
    const level = await openLevel(path.join(dataFolder, name), { compression });
    try {
      for await (const [key, value] of level.iterator({})) {
        const [, table] = key.split('!');
        const row = Buffer.concat([Buffer.from(`${key} `), value]);
        yield { name: `a row of ${name}/${table}`, bytes: withHexDecoded(row) };
        if (name === 'views') continue;
        const opened = seal.open(key, value);
        if (opened === undefined) throw new Error(`a row of ${table} that nobody wrote`);
        const read = Buffer.concat([Buffer.from(`${opened.key} `), opened.payload]);
        yield { name: `an opened row of ${name}/${table}`, bytes: withHexDecoded(read) };
      }
    } finally {
      await level.close();
    }
  }
}

/** A text, and after it the bytes of everything in it that is written in hex. */
function withHexDecoded(written: Uint8Array | string): Uint8Array {
  const bytes = typeof written === 'string' ? Buffer.from(written) : Buffer.from(written);
  const text = bytes.toString('latin1');
  const decoded = [...text.matchAll(/0x([0-9a-f]{16,})/gi)].map(([, hex = '']) => Buffer.from(hex, 'hex'));
  return Buffer.concat([bytes, ...decoded]);
}

function writeInteger(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
}
