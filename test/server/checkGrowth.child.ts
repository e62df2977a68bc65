/** Checks registers of so many titles, one after the other, and writes what each held: in a process whose heap nobody else fills. */
import path from 'node:path';
import { heldOf } from '../../bench/checking.ts';

const [folder = '', ...sizes] = process.argv.slice(2);
const held = [];
for (const size of sizes) held.push(await heldOf(path.join(folder, size), Number(size)));
process.stdout.write(`\nheld: ${JSON.stringify(held)}\n`, () => process.exit(0));
