/**
 * `kudurru backup` of a gateway that runs, and `kudurru restore` to another folder or machine.
 *
 * Promises: the keys of the gateway are copied only where they are asked for, never beside the backup, and behind it, so that
 * none is lacked; a restore is told by whom it is held against, and without that nothing is restored.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { type BackupManifest, readManifest, requireEmpty, TRUST_COPY } from '../server/backup.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import { orderAt } from '../server/localControl.ts';
import { gatherDestroyed, type Restored, restore } from '../server/restore.ts';
import { keyFolderOf } from '../server/store/keys.ts';
import { keyTokenIn } from '../server/wiring/config.ts';
import { type AnswerOptions, answer, NotUnderstood, Refused, readText } from './answer.ts';
import { auditOfFile, auditOfNode } from './audit.ts';
import { askedNode, authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';

const MAX_TRUST_BYTES = 65_536;

interface BackupOptions extends AnswerOptions {
  readonly data?: string;
  readonly to: string;
  readonly keysTo?: string;
}

interface RestoreOptions extends AnswerOptions {
  readonly from: string;
  readonly data: string;
  readonly keys?: string;
  readonly rpc?: string;
  readonly credentials?: string;
  readonly journal?: string;
  readonly list: boolean;
  readonly trust?: string;
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'write a backup of a gateway that runs, which goes on serving; the keys that open it are not in it',
    )
    .option('--data <folder>', 'the data folder (KUDURRU_DATA, else ./data)')
    .requiredOption('--to <folder>', 'a new folder for the backup')
    .option('--keys-to <folder>', 'a new folder, on another disk, for a copy of the keys of the gateway')
    .option('--json', 'answer as JSON')
    .action((options: BackupOptions) => answer(options, () => backup(options), backupInWords));
  program
    .command('restore')
    .description('make a data folder of a backup, once it is known which keys were destroyed since')
    .requiredOption('--from <folder>', 'the backup')
    .requiredOption('--data <folder>', 'the data folder to make; its keys come beside it')
    .option('--keys <folder>', 'the copy of the keys; without, they are beside the data folder already')
    .option('--rpc <url>', 'a node of the ledger, which shows what was destroyed since')
    .option(...CREDENTIALS_OPTION)
    .option('--journal <file>', 'or a journal that `kudurru export` wrote after the backup')
    .option('--no-list', 'or nothing: of a ledger of one machine, where no younger copy is left anywhere')
    .option('--trust <file>', 'trust file of the ledger, obtained from elsewhere (that of the backup)')
    .option('--json', 'answer as JSON')
    .action((options: RestoreOptions) => answer(options, () => restored(options), restoredInWords));
}

async function backup({ data, to, keysTo }: BackupOptions): Promise<BackupManifest> {
  const folder = path.resolve(data ?? process.env.KUDURRU_DATA ?? 'data');
  const [into, keysInto] = [path.resolve(to), keysTo === undefined ? undefined : path.resolve(keysTo)];
  if (keysInto !== undefined) {
    if (isWithin(into, keysInto) || isWithin(keysInto, into)) throw refusal('backup-beside-keys');
    requireEmpty(keysInto);
  }
  const told = await orderAt<BackupManifest>(folder, { backup: into });
  if (told === undefined) throw refusal('gateway-not-running');
  if (!('done' in told)) {
    if (told.code === undefined) throw new NotUnderstood(told.message);
    throw new Refused(told.code, told.message, { remedy: told.remedy });
  }
  if (keysInto !== undefined) copyKeys(keyFolderOf(folder), keysInto); // behind the rows: keys may be newer
  return told.done;
}

function isWithin(folder: string, other: string): boolean {
  const way = path.relative(folder, other);
  return way === '' || !(way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way));
}

function copyKeys(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.new')) continue; // half of a file that is being replaced
    const file = path.join(to, entry.name);
    fs.writeFileSync(file, fs.readFileSync(path.join(from, entry.name)), {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  }
}

async function restored(options: RestoreOptions): Promise<Restored> {
  const { from, data, keys, rpc, credentials, journal, list, trust } = options;
  if (rpc === undefined && journal === undefined && list) throw refusal('destroyed-keys-unlisted');
  const manifest = readManifest(from);
  const believed = readTrust(readText(trust ?? path.join(from, TRUST_COPY), MAX_TRUST_BYTES));
  if (believed.genesisHash !== manifest.ledger.genesisHash)
    throw refusal('backup-of-another-ledger', { what: 'genesis' });
  return restore({
    backup: from,
    data,
    ...(keys !== undefined && { keys }),
    keyToken: keyTokenIn(process.env),
    destroyed: await destroyedSince(manifest, believed, { rpc, credentials, journal }),
    nowMs: Date.now,
  });
}

/** Undefined where neither is named, which was asked for by then. */
async function destroyedSince(
  { cursor: { blockNumber, blockHash } }: BackupManifest,
  trust: TrustFile,
  { rpc, credentials, journal }: { [Name in 'rpc' | 'credentials' | 'journal']: string | undefined },
) {
  if (rpc !== undefined && journal !== undefined)
    throw new NotUnderstood('Give --rpc or --journal, not both.');
  const { onBlock, gathered } = gatherDestroyed({ number: BigInt(blockNumber), hash: blockHash });
  if (rpc !== undefined) await auditOfNode(askedNode(rpc, credentials), trust, undefined, onBlock);
  else {
    authorizationsFor([], credentials);
    if (journal === undefined) return undefined;
    await auditOfFile(journal, trust, onBlock);
  }
  return gathered();
}

const backupInWords = ({ sequence, cursor, rows, files }: BackupManifest): string => {
  const sum = Object.values(rows)
    .flatMap((one) => Object.values(one))
    .reduce((all, one) => all + one, 0);
  const bytes = files.reduce((all, one) => all + one.bytes, 0);
  return `Backup number ${sequence}: block ${cursor.blockNumber}, ${sum} rows, ${bytes} bytes.`;
};

function restoredInWords({ sequence, takenAt, blockNumber, rows, ...told }: Restored): string {
  const since =
    told.entriesSince === undefined
      ? 'Nobody showed what was destroyed since: order every erasure since then again.'
      : `${told.erasedAgain} erasures since then were carried out again. ${told.entriesSince} entries were recorded since ` +
        'then: what they carry of people is not here.';
  const check =
    told.check === undefined
      ? 'Start it, which follows the network, and have it checked by `kudurru fsck`.'
      : `SOUND: ${told.check.blocks} blocks, ${told.check.entries} entries, ${told.check.units} units, ` +
        `${told.check.records} records in the vault.`;
  return `Restored from backup number ${sequence} of ${takenAt}, block ${blockNumber}, ${rows} rows.\n${since}\n${check}`;
}
