/**
 * Where a person's seed is: in a key ring under a passphrase, or printed, in a file that only she reads.
 *
 * Promises: a seed that is written as text lies in a file of mode 0600, is told to have no passphrase, and is never
 * written over; whoever asks for a seed wipes it.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { NotUnderstood } from './answer.ts';
import { type KeysOptions, openRing } from './keys.ts';
import { readPrivate } from './privateFiles.ts';
import { readSeed, writeSeed } from './seedText.ts';

export interface SeedOptions extends Partial<KeysOptions> {
  readonly key?: string;
  readonly seedFile?: string;
}

const MAX_SEED_TEXT_BYTES = 1_024;

/** The options of every command that signs as a person. */
export function withSeed(command: Command): Command {
  return command
    .option('--key <name>', 'name of the seed in the key ring of --keys')
    .option('--keys <dir>', 'folder of the key ring; KUDURRU_KEYS without')
    .option('--seed-file <file>', 'a printed seed, instead of a key ring')
    .addHelpText(
      'after',
      '\nThe passphrase of a ring is read from KUDURRU_PASSPHRASE, or asked for on a terminal without showing it.',
    );
}

export async function seedOf({
  key,
  keys = process.env.KUDURRU_KEYS,
  seedFile,
}: SeedOptions): Promise<Uint8Array> {
  if (seedFile !== undefined) {
    const text = readPrivate(seedFile, MAX_SEED_TEXT_BYTES);
    if (text === undefined) throw new NotUnderstood(`${seedFile} is not there.`);
    return readSeed(text);
  }
  if (key === undefined || keys === undefined) {
    throw new NotUnderstood('Give --key and --keys, or --seed-file: whose signature is it?');
  }
  return (await openRing({ keys })).seed(key);
}

/** Makes a seed and writes it as text. One that exists is left alone. */
export function makePrintedSeed(file: string): void {
  const seed = randomBytes(32);
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, `${writeSeed(seed)}\n`, { flag: 'wx', mode: 0o600, flush: true });
  seed.fill(0);
}

/** What is told of every seed without a passphrase. */
export const NO_PASSPHRASE = [
  'THIS SEED HAS NO PASSPHRASE: whoever reads the file, or a print of it, can sign as you.',
  'Print it, keep the print where you keep what is dear to you, and take the file away.',
];
