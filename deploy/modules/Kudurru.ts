/**
 * A whole ledger, on any node, by one command: `npm run deploy`; see deploy/README.md.
 *
 * Reads the environment once: KUDURRU_FOUNDING is the founding file, the same one that `kudurru up` takes;
 * KUDURRU_CHARTER is where genesis holds the Charter, and without it KUDURRU_VALIDATORS is the first set of a new one,
 * addresses with commas between; KUDURRU_GENESIS, where it is set, is the file that the network was started from. A setting that
 * cannot be read, and a node that `kudurru network check` has something against, stops the deployment before its first transaction.
 */
import { readFileSync } from 'node:fs';
import { type Address, parseHex } from '../../server/domain/base/hex.ts';
import { parseFounding } from '../../server/domain/power/foundingFile.ts';
import { requireFitNode } from './fitNode.ts';
import { type CharterSource, ledgerModule } from './ledger.ts';

const ADDRESS_BYTES = 20;

function addressOf(text: string, setting: string): Address {
  const address = parseHex(text.trim().toLowerCase(), ADDRESS_BYTES);
  if (address === undefined) throw new Error(`${setting} is not an address`);
  return address as Address;
}

function charterOf({
  KUDURRU_CHARTER: at,
  KUDURRU_VALIDATORS: validators,
}: NodeJS.ProcessEnv): CharterSource {
  if (at !== undefined) return { at: addressOf(at, 'KUDURRU_CHARTER') };
  if (validators === undefined) {
    throw new Error(
      'KUDURRU_CHARTER is missing, and so is KUDURRU_VALIDATORS, the first set of a new Charter',
    );
  }
  return { validators: validators.split(',').map((one) => addressOf(one, 'KUDURRU_VALIDATORS')) };
}

function foundingOf({ KUDURRU_FOUNDING: file }: NodeJS.ProcessEnv) {
  if (file === undefined) throw new Error('KUDURRU_FOUNDING, the founding file, is missing');
  return parseFounding(readFileSync(file, 'utf8'));
}

const founding = foundingOf(process.env);
const charter = charterOf(process.env);
await requireFitNode(process.env, founding, charter);
export default ledgerModule(founding, charter);
