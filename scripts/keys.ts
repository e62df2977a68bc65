/** `kudurru keys`: make, list and show keys of a key ring, and change its passphrase. Never prints a secret. */
import { type Command, Option } from 'commander';
import { refusal } from '../server/domain/base/refusal.ts';
import { type AnswerOptions, answer } from './answer.ts';
import {
  createKeyring,
  hasKeyring,
  KEY_KINDS,
  type KeyEntry,
  type Keyring,
  openKeyring,
  type RingKeyKind,
} from './keyring.ts';
import { askNewPassphrase, askPassphrase } from './terminal.ts';

export interface KeysOptions extends AnswerOptions {
  readonly keys: string;
}

/** The options of every command that opens a key ring. */
export function withKeys(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--keys <dir>',
        'folder of the key ring: yours alone (mode 0700), outside the data of a gateway',
      )
        .env('KUDURRU_KEYS')
        .makeOptionMandatory(),
    )
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      '\nThe passphrase is read from KUDURRU_PASSPHRASE, or asked for on a terminal without showing it.',
    );
}

export async function openRing({ keys }: KeysOptions): Promise<Keyring> {
  if (!hasKeyring(keys)) throw refusal('keyring-missing');
  return openKeyring(keys, await askPassphrase());
}

/** The ring of the folder, or a new one in a folder without. */
export async function openOrFoundRing({ keys }: KeysOptions): Promise<Keyring> {
  if (hasKeyring(keys)) return openKeyring(keys, await askPassphrase());
  return createKeyring(keys, await askNewPassphrase('KUDURRU_PASSPHRASE'));
}

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('the keys of an officer, or the seeds of holders and cards, under one passphrase');

  withKeys(keys.command('create').argument('<name>', 'a name for the key, unique in the ring'))
    .description('make a key; the first one makes the key ring')
    .addOption(
      new Option('--kind <kind>', 'an officer signs acts; a seed makes the keys of holdings and cards')
        .choices(KEY_KINDS)
        .default('officer'),
    )
    .action((name: string, options: KeysOptions & { kind: RingKeyKind }) =>
      answer(options, async () => (await openOrFoundRing(options)).create(name, options.kind), inWords),
    );

  withKeys(keys.command('list'))
    .description('list the public part of every key')
    .action((options: KeysOptions) =>
      answer(
        options,
        async () => (await openRing(options)).list(),
        (entries) => entries.map(inWords).join('\n') || 'No key yet: make one with `kudurru keys create`.',
      ),
    );

  withKeys(keys.command('show').argument('<name>', 'name of the key'))
    .description('show the public part of one key')
    .action((name: string, options: KeysOptions) =>
      answer(options, async () => (await openRing(options)).get(name), inWords),
    );

  withKeys(keys.command('passphrase'))
    .description('change the passphrase; the new one is read from KUDURRU_NEW_PASSPHRASE or asked for twice')
    .action((options: KeysOptions) => answer(options, () => changePassphrase(options), passphraseInWords));
}

function inWords(entry: KeyEntry): string {
  return entry.kind === 'seed'
    ? `${entry.name}  seed`
    : `${entry.name}  officer  ${entry.officer}  address ${entry.address}`;
}

async function changePassphrase(options: KeysOptions): Promise<{ readonly changed: true }> {
  const ring = await openRing(options);
  ring.changePassphrase(await askNewPassphrase('KUDURRU_NEW_PASSPHRASE'));
  return { changed: true };
}

function passphraseInWords(): string {
  return 'The passphrase is changed. Copies of the old key ring still open with the old one: destroy them.';
}
