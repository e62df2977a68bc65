/**
 * The town of `town.ts` as seven people ask it on the command line: a registrar, an approver, an aid officer, a shopkeeper, a
 * landowner, an auditor and a member, and beside them the administrator and the steward of the gateway.
 *
 * Promises: each is the command itself, as it is typed, at the gateway of the town; it ends well, says something, and no more
 * than a page. Its rows are those of all that it asked; its time is that of all but the start of a process.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { kudurruProgram } from '../scripts/program.ts';
import { writeSeed } from '../scripts/seedText.ts';
import { writeTrust } from '../server/domain/audit/trust.ts';
import { ZERO_ADDRESS } from '../server/domain/base/hex.ts';
import type { Role } from '../server/http/route.ts';
import { middleOf, numberOf, otherwise, type Reading, readingOf, type Town } from './town.ts';
import {
  ADDRESSES,
  idOf,
  LANDOWNER,
  LEDGER,
  OFFICE,
  officerOf,
  programmeOf,
  unitOf,
  vendorOf,
} from './townLedger.ts';
import type { TownGateway } from './townOverHttp.ts';

/** Fifty rows of some lines each. */
const PAGE_BYTES_MAX = 64 * 1024;

interface Typed {
  readonly who: string;
  readonly role: Role | undefined;
  /** What the figures call it: the command without what differs from town to town. */
  readonly as: string;
  readonly args: readonly string[];
  /** What is asked for on the terminal. */
  readonly sought?: string;
}

function commandsOf(town: Town, personId: string, folder: string): readonly Typed[] {
  const { middle, corner, everywhere } = middleOf(town);
  const at = ['--office', String(OFFICE)];
  const [programme, shop] = [programmeOf(0), vendorOf(0)];
  const typed =
    (who: string, role: Role | undefined) =>
    (as: string, more: readonly string[] = [], sought?: string): Typed => {
      const line = { who, role, as, args: [...as.split(' '), ...more] };
      return sought === undefined ? line : Object.assign(line, { sought });
    };
  const registrar = typed('a registrar', 'registrar');
  const approver = typed('an approver', 'registrar');
  const officer = typed('an aid officer', 'agency');
  const shopkeeper = typed('a shopkeeper', 'vendor');
  const landowner = typed('a landowner', undefined);
  const auditor = typed('an auditor', 'auditor');
  const member = typed('a member', 'member');
  const person = ['--purpose', 'case-work', '--case', 'CASE-7'];
  return [
    registrar('find titles', at),
    registrar('find titles --number', [numberOf(middle), ...at]),
    registrar('find titles --names --case CASE-7 --number', [numberOf(LANDOWNER.title), ...at]),
    registrar('find titles --alias', [`LEGACY-${middle}`, ...at]),
    registrar('find titles --box', [corner.join(), ...at]),
    registrar('find parcels', at),
    registrar('find parcels --number', [otherwise(middle), ...at]),
    registrar('find parcels --box', [everywhere.join(), ...at]),
    registrar('find history', [unitOf(middle)]),
    registrar('find ended'),
    approver('find acts'),
    approver('find acts --waits-for me --officer', [officerOf(1)]),
    approver('find acts --waits-for institution'),
    officer('find programmes'),
    officer('find cycles', [programme]),
    officer('find vendors'),
    officer('find tills', [shop]),
    officer('find redemptions', [shop]),
    officer('find labels'),
    officer('find labels --label market'),
    officer('find person --by name', person, `of${middle}`),
    officer('find person --by national-id', person, `SYNTHETIC-${middle}`),
    officer('find readings', [personId]),
    officer('find history', [vendorOf(1)]),
    shopkeeper('find redemptions --newest-first', [shop]),
    shopkeeper('till owed --till', [tillFile(folder)]),
    landowner('holder read', [
      ...['--unit', LANDOWNER.baUnit, '--holding', String(LANDOWNER.holdingId)],
      ...['--seed-file', seedFile(folder), '--trust', trustFile(folder)],
    ]),
    auditor('find entries'),
    auditor('find entries --newest-first'),
    auditor('find ended'),
    auditor('find history', [programmeOf(1)]),
    member('find signed', [officerOf(1)]),
    member('find history institution-1'),
    member('member measures'),
    member('member officers'),
    member('member institutions'),
    typed('a steward', 'steward')('find searches'),
    typed('an administrator', 'administrator')('find tokens --limit 50'),
  ];
}

/** Each once: what is read once a start was read over HTTP. */
export async function readingsByCommand(
  town: Town,
  gateway: TownGateway,
  folder: string,
): Promise<readonly Reading[]> {
  const nationalId = `SYNTHETIC-${middleOf(town).middle}`;
  const personId = await gateway.personIdOf('aid', nationalId);
  const readings: Reading[] = [];
  const commands = [...commandsOf(town, personId, folder), await codeOnPaper(gateway)];
  for (const one of commands) {
    const name = `by ${one.who}: ${one.as}`;
    readings.push(await readingOf(town, name, async () => [await said(gateway, one)]));
  }
  return readings;
}

async function said({ url, tokenOf }: TownGateway, { role, as, args, sought }: Typed): Promise<string> {
  const token = role === undefined ? [] : ['--token', await tokenOf(role)];
  const lines: string[] = [];
  const print = console.log;
  console.log = (line: unknown) => lines.push(String(line));
  if (sought !== undefined) process.env.KUDURRU_SOUGHT = sought;
  try {
    await kudurruProgram().parseAsync([...args, '--gateway', url, ...token], { from: 'user' });
  } finally {
    console.log = print;
    delete process.env.KUDURRU_SOUGHT;
  }
  const text = lines.join('\n');
  if (process.exitCode !== undefined) throw new Error(`${as} was refused`);
  if (text === 'None.' || text === '') throw new Error(`${as} said nothing`);
  if (text.length > PAGE_BYTES_MAX) throw new Error(`${as} said ${text.length} bytes, more than a page`);
  return text;
}

/** What an office gives a landowner who has no key. */
async function codeOnPaper(gateway: TownGateway): Promise<Typed> {
  const personId = await gateway.personIdOf('land', 'SYNTHETIC-LANDOWNER');
  const args = ['desk', 'reading-code', personId, '--case', 'CASE-7'];
  const given = await said(gateway, { who: 'a registrar', role: 'registrar', as: 'desk reading-code', args });
  const [code = ''] = given.split('\n', 1);
  const as = 'holder readings';
  return { who: 'a landowner', role: undefined, as, args: as.split(' '), sought: code };
}

function seedFile(folder: string): string {
  const file = path.join(folder, 'landowner.seed');
  writeFileSync(file, `${writeSeed(LANDOWNER.seed)}\n`, { mode: 0o600 });
  return file;
}

function trustFile(folder: string): string {
  const file = path.join(folder, 'trust.json');
  const pinned = (address: typeof ADDRESSES.land) => ({ address, codeHash: idOf(34, 1) });
  const { chainId, ledgerNonce, genesisHash } = LEDGER;
  const { consortium, land, benefits } = ADDRESSES;
  const charter = `0x${'ca'.repeat(20)}` as const as typeof land;
  writeFileSync(
    file,
    writeTrust({
      format: 'kudurru-trust-1',
      genesisHash,
      chainId,
      ledgerNonce,
      lineage: 'embedded',
      nodeKey: ZERO_ADDRESS as typeof land,
      witnessKeys: [],
      witnessThreshold: 0,
      contracts: {
        charter: pinned(charter),
        consortium: pinned(consortium),
        landRegistry: pinned(land),
        benefitLedger: pinned(benefits),
      },
      minimumCheckpoint: { blockNumber: 0, blockHash: genesisHash },
    }),
  );
  return file;
}

function tillFile(folder: string): string {
  const file = path.join(folder, 'till.json');
  const keyId = `0x${'1'.padStart(40, '0')}`;
  const till = { vendor: vendorOf(0), till: 1, keyKind: 'secp256k1', keyId };
  writeFileSync(file, JSON.stringify(Object.assign({ format: 'kudurru-till-1', possession: {} }, till)));
  return file;
}
