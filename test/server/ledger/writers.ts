/**
 * A process to be killed: concurrent writers and a reader on one ledger, saying on standard output what they were
 * told, each line written before the next thing happens. `writers.ts FOLDER SEED`
 */
import { writeSync } from 'node:fs';
import { openTestLedger, Sender, words } from './chain.ts';

const WRITERS = 6;
const [folder, seed] = process.argv.slice(2);
if (folder === undefined || seed === undefined) throw new Error('writers.ts FOLDER SEED');

const { chain } = await openTestLedger(folder);
const say = (line: string) => writeSync(1, `${line}\n`);
say(`open ${chain.headNumber}`);

async function write(name: string): Promise<never> {
  const sender = new Sender(chain.genesis.chainId, name);
  for (let i = 0; ; i++) {
    const { raw, hash } = await sender.sign(i % 9 === 8 ? '0x01' : words(`${name}/${i}`, 1 + (i % 6)));
    await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    say(`mined ${hash}`);
  }
}

async function read(): Promise<never> {
  for (;;) {
    const params = ['latest', false];
    const block = await chain.request({ method: 'eth_getBlockByNumber', params });
    const { number, hash } = block as { number: string; hash: string };
    say(`seen ${number} ${hash}`);
    const finality = await chain.finality(BigInt(number));
    if (finality !== undefined) say(`signed ${number} ${finality.nodeSignature}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await Promise.all([read(), ...Array.from({ length: WRITERS }, (_, i) => write(`${seed}/${i}`))]);
