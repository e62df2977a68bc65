/** What a register is called by whoever types it: each spelling of the commands, the audit and the directory is taken. */
import { InvalidArgumentError } from 'commander';
import type { DirectoryName } from '../server/domain/power/policyNames.ts';
import type { Succeeded } from '../server/successor.ts';

/** By the one word that commands say, the name of the Charter's directory. */
const DIRECTORY_OF: Readonly<Record<Succeeded, DirectoryName>> = {
  land: 'LandRegistry',
  benefits: 'BenefitLedger',
  notary: 'Notary',
  safeguards: 'Safeguards',
  personnel: 'Personnel',
};
const WORDS = Object.keys(DIRECTORY_OF) as readonly Succeeded[];

export const REGISTER_CHOICES = WORDS.join(', ');

/** `landRegistry`, `LandRegistry`, `land-registry` and `land` are one. */
const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '');

export function registerIn(text: string): Succeeded {
  const said = plain(text);
  const word = WORDS.find((one) => said === one || said === plain(DIRECTORY_OF[one]));
  if (word !== undefined) return word;
  const consortium = said === 'consortium' ? ' Another consortium is voted for by pass-authority.' : '';
  throw new InvalidArgumentError(`One of ${REGISTER_CHOICES}.${consortium}`);
}

/** As the vote names it. */
export const directoryNameIn = (text: string): DirectoryName => DIRECTORY_OF[registerIn(text)];
