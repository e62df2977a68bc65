/**
 * A process that writes everything the store can hold, several writers at once, and says on standard output what
 * was acknowledged, until a crash point or the disk ends it. Arguments: folder, rounds.
 */
import { writeSync } from 'node:fs';
import { disclose } from '../../../server/disclose.ts';
import type { Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import { openBlocks } from '../../../server/store/blocks.ts';
import type { Call } from '../../../server/store/operation.ts';
import { openOutbox } from '../../../server/store/outbox.ts';
import { AGENCY, openingEntry, openPeople, personEntry, reading } from './people.ts';

const WRITERS = 4;
const [folder = '', rounds = '1'] = process.argv.slice(2);
const call: Call = { to: `0x${'01'.repeat(20)}` as Call['to'], data: '0x', gas: 21_000n };
const ZERO = `0x${'00'.repeat(32)}` as Bytes32;

/** Straight to the descriptor: what is said was true when it was said. */
function acknowledge(kind: string, ...facts: readonly (string | number | bigint)[]): void {
  writeSync(1, `${[kind, ...facts].join(' ')}\n`);
}

process.on('SIGXFSZ', () => {}); // a disk that is full by a limit answers the write instead of ending the process

const people = await openPeople(folder);
const outbox = await openOutbox(people.store, Date.now);
const blocks = await openBlocks(people.store);
if (blocks.genesis === undefined) {
  const rules = { fork: 'osaka', blockGasLimit: 30_000_000n, salt: ZERO, accounts: [], hash: ZERO };
  await blocks.found({ chainId: 1n, timestamp: 1n, ...rules });
}

async function registerOne(writer: number, round: number): Promise<void> {
  const subject = await people.subjects.enrol(AGENCY, [
    { scheme: 'id', id: `${process.pid}-${writer}-${round}` },
  ]);
  acknowledge('enrolled', subject);
  await people.vault.put([personEntry(subject), openingEntry(subject, 'unit1')]);
  acknowledge('vault', subject);
  const { access } = await disclose(people, reading, subject);
  acknowledge('access', subject, access.lines);
  if (round % 2 === 1) {
    const order = { group: '', ground: 'asked-by-person', orderedBy: 'steward', atMs: 1 } as const;
    await people.erasures.erase({ ...order, subject });
    acknowledge('erased', subject);
  }
  const owner = { principal: 'p', institution: AGENCY };
  const { id } = await outbox.receive({
    ...{ kind: 'test', owner, office: undefined, acts: [], orderedBy: `thing-${writer}` },
  });
  acknowledge('received', id);
  await outbox.authorise(id, call);
  const signed = await outbox.sign(id, async (_, lane, nonce) => {
    const unique = Buffer.from(`${process.pid}/${lane}/${nonce}`).toString('hex').padStart(64, '0');
    return { raw: `0x${unique}` as Hex, hash: `0x${unique}` as Bytes32 };
  });
  acknowledge('signed', id, signed.lane, signed.nonce ?? -1, await outbox.raw(id));
  await outbox.sent(id);
  await outbox.mined(id, 1n);
  await outbox.final(id, []);
  await outbox.projected(id);
  acknowledge('projected', id);
}

async function appendBlocks(): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) {
    const number = (await blocks.head()) + 1n;
    await blocks.append({ number, timestamp: number, hash: ZERO, stateRoot: ZERO, transactions: ['0x0102'] });
    acknowledge('block', number);
    await blocks.sign(number, '0xab');
    acknowledge('blockSigned', number);
  }
}

async function write(writer: number): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) await registerOne(writer, round);
}

try {
  await Promise.all([appendBlocks(), ...Array.from({ length: WRITERS }, (_, writer) => write(writer))]);
  acknowledge('done');
} catch (error) {
  acknowledge('failed', error instanceof Error ? error.name : 'unknown');
  const again = await people.store.transact(() => 'written').catch(() => 'refused');
  acknowledge('afterwards', again);
  process.exit(3); // what else is queued fails the same way
}
await people.close();
