/**
 * `kudurru desk`: what a land office or an agency does over the API of a gateway, without writing code.
 *
 * A file is uploaded, an act is prepared from what the officer decides and written as the file to sign apart from the
 * gateway, signatures and consents are handed in, and the words of a signed list are sent to the ledger. It holds no key.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type { Command } from 'commander';
import { momentInWords } from '../server/domain/base/inWords.ts';
import { addNames } from './actNames.ts';
import { answer, NotUnderstood, Refused } from './answer.ts';
import { Problem } from './client.ts';
import {
  clientOf,
  type GatewayOptions,
  type GatewayUrlOptions,
  gathered,
  strangerTo,
  whole,
  withGateway,
  withGatewayUrl,
} from './gatewayOptions.ts';
import { type ActOptions, addHandIn, headIn, jsonIn, ofAct, prepare } from './member.ts';
import { actId, bytes32 } from './options.ts';

interface UploadOptions extends GatewayOptions {
  readonly out?: string;
}

interface CertificateOptions extends GatewayOptions {
  readonly case?: string;
  readonly out: string;
}

interface TokenOptions extends GatewayOptions {
  readonly role: readonly string[];
  readonly institution: number;
  readonly vendor?: string;
  readonly office?: number;
  readonly label?: string;
  readonly days: number;
  readonly out: string;
}

/** What a token may do. */
const ROLES_IN_WORDS =
  'once for each: registrar (land), agency (aid), vendor (a till), member (the consortium), auditor, steward (who read what of people), administrator';

/** By the ending of a file. */
const TYPES: Readonly<Record<string, string>> = {
  geojson: 'application/geo+json',
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export function addDesk(program: Command): void {
  const desk = program
    .command('desk')
    .description('what a land office or an agency does: tokens, files, acts to sign, and lists on their way');

  withGatewayUrl(desk.command('enrol').argument('<link>', 'the one-time link that the first start printed'))
    .description("turn the one-time link into the administrator's token, into a file that only you read")
    .requiredOption('--out <file>', 'the file; one that exists is left alone')
    .action((link: string, options: EnrolOptions) =>
      answer(
        options,
        () => enrolled(link, options),
        () => `Written: ${options.out}`,
      ),
    );

  withGateway(desk.command('token'))
    .description('issue a token with the token of the administrator, into a file that only you read')
    .requiredOption('--role <role>', ROLES_IN_WORDS, gathered)
    .requiredOption('--institution <number>', 'number of the institution', whole)
    .option('--vendor <id>', 'of a token with the role vendor: its shop')
    .option('--office <number>', 'the one office it works for; all of the institution without', whole)
    .option('--label <words>', 'what it is for: a desk, a till, a machine; never a person')
    .option('--days <days>', 'for how long', whole, 30)
    .requiredOption('--out <file>', 'the file; one that exists is left alone')
    .action((options: TokenOptions) =>
      answer(
        options,
        () => issueToken(options),
        () => `Written: ${options.out}`,
      ),
    );

  withGateway(
    desk
      .command('label')
      .argument('<id>', 'of a programme, vendor or officer of the own institution; of a till VENDOR.NUMBER')
      .argument('[words]', 'what it is called, as "Shop 12 at the market"; none takes the label away'),
  )
    .description(
      'say what your institution calls a programme, a shop, a till or an officer: for its own people alone',
    )
    .action((id: string, words: string | undefined, options: GatewayOptions) =>
      answer(
        options,
        () => labelled(id, words, options),
        ({ label }) => (label === undefined ? 'It has no label any more.' : `It is called ${label}.`),
      ),
    );

  withGateway(desk.command('reading-code').argument('<person>', 'id of a person, as `find person` says it'))
    .description('a code on paper, with which a person without a key reads who read her data, by herself')
    .requiredOption('--case <reference>', 'number of the case it is for')
    .action((person: string, { case: caseReference, ...options }: GatewayOptions & { case: string }) =>
      answer(
        options,
        () =>
          clientOf(options).ask<{ code: string; expiresAt: string }>(`/people/${person}/reading-codes`, {
            method: 'POST',
            caseReference,
          }),
        ({ code, expiresAt }) =>
          `${code}\nGood until ${momentInWords(Math.floor(Date.parse(expiresAt) / 1000))}, for who read her data and nothing else: \`holder readings\`.`,
      ),
    );

  withGateway(
    desk
      .command('upload')
      .argument('<place>', 'where it goes, with its question: "parcels?office=1"')
      .argument('<file>', `its ending says what it is: ${Object.keys(TYPES).join(', ')}`),
  )
    .description('upload a file of parcels, people or a roll; refused lines are in the answer')
    .option('--out <file>', 'write the answer to this file; one that exists is left alone')
    .action((place: string, file: string, options: UploadOptions) =>
      answer(options, () => upload(place, file, options), uploadedInWords),
    );

  ofAct(
    desk
      .command('prepare')
      .argument('<collection>', 'what below /acts: registrations, transfers, programmes, ... (docs/acts.md)')
      .argument('<body>', 'JSON with what is decided, without the head'),
  )
    .description('prepare an act and write the file that its officers, and whoever consents, sign')
    .action((collection: string, body: string, options: ActOptions) =>
      prepare(options, collection, () => Object.assign(headIn(options), jsonIn(body))),
    );

  addNames(desk);
  addHandIn(desk);

  withGateway(
    desk
      .command('take-back')
      .argument('<act>', 'the file of an act that waits, or its id as `find acts` says it', actId),
  )
    .description(
      'take back an act that was not carried out; whoever holds its signatures may still send them, until `member withdraw`',
    )
    .action((act: string, options: GatewayOptions) =>
      answer(
        options,
        () => clientOf(options).ask<object>(`/acts/${act}`, { method: 'DELETE' }),
        () => 'Taken back; `find ended` has it.',
      ),
    );

  withGateway(desk.command('certificate').argument('<unit>', 'id of the unit', bytes32))
    .description(
      'fetch a certificate of a title, which anybody verifies with `kudurru verify` and no network',
    )
    .option(
      '--case <reference>',
      'for a registrar: the certificate with the names, who see the reading; without it, for an auditor: with no fact of a person',
    )
    .requiredOption('--out <file>', 'the file; one that exists is left alone')
    .action((unit: string, options: CertificateOptions) =>
      answer(
        options,
        () => certificate(unit, options),
        () => `Written: ${options.out}`,
      ),
    );

  withGateway(
    desk.command('load').argument('<place>', 'where below the gateway: programmes/ID/cycles/1/units'),
  )
    .description('send the ledger the words of a list that two officers signed, until it has them all')
    .action((place: string, options: GatewayOptions) =>
      answer(
        options,
        () => load(place, options),
        ({ of }) => `The ledger has all ${of}.`,
      ),
    );
}

interface EnrolOptions extends GatewayUrlOptions {
  readonly out: string;
}

/** The part behind the mark of the link counts, once: the file is there before it is spent. */
async function enrolled(link: string, { out, ...options }: EnrolOptions) {
  const [, secret = link] = link.split('#');
  const file = fs.openSync(out, 'wx', 0o600);
  try {
    const asking = { method: 'POST' as const, body: { link: secret } };
    const { token } = await strangerTo(options).ask<{ token: string }>('/enrolments', asking);
    fs.writeSync(file, token);
  } catch (error) {
    fs.rmSync(out);
    throw error;
  } finally {
    fs.closeSync(file);
  }
  return { written: out };
}

async function issueToken({ role: roles, out, gateway, token: by, json, ...bound }: TokenOptions) {
  const { institution } = bound;
  const body = Object.assign({ roles }, bound);
  const { id, token } = await clientOf({ gateway, token: by, ...(json && { json }) }).ask<{
    id: string;
    token: string;
  }>('/tokens', {
    method: 'POST',
    body,
  });
  fs.writeFileSync(out, token, { flag: 'wx', mode: 0o600 });
  return { id, roles, institution };
}

async function labelled(id: string, label: string | undefined, options: GatewayOptions) {
  const asking =
    label === undefined ? { method: 'DELETE' as const } : { method: 'PUT' as const, body: { label } };
  await clientOf(options).ask(`/labels/${encodeURIComponent(id)}`, asking);
  return { id, label };
}

/** Without a case there is nothing of a person in it: that one is for auditors. */
async function certificate(unit: string, { case: caseReference, out, ...options }: CertificateOptions) {
  const place = `/titles/${unit}/${caseReference === undefined ? 'open-' : ''}certificate`;
  const asking = caseReference === undefined ? {} : { caseReference };
  try {
    const told = await clientOf(options).text(place, asking);
    fs.writeFileSync(out, told, { flag: 'wx', mode: 0o600 });
    return { certificate: out };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'forbidden') throw error;
    const remedy = caseReference === undefined ? WITHOUT_CASE : WITH_CASE;
    throw new Refused(error.code, error.message, { remedy });
  }
}

/** Which of the two a token may fetch, where it may not fetch this one. */
const WITH_CASE =
  'With --case it is the certificate with the names, which a registrar fetches. An auditor leaves --case away, and fetches the one with number, area and boundaries and no fact of a person.';
const WITHOUT_CASE =
  'Without --case it is the certificate with no fact of a person, which an auditor fetches. A registrar gives --case NUMBER, and fetches the one with the names, who see the reading.';

async function upload(place: string, file: string, options: UploadOptions) {
  const ending = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  const type = TYPES[ending];
  if (type === undefined)
    throw new NotUnderstood(`${file} has none of the endings ${Object.keys(TYPES).join(', ')}.`);
  const bytes = new Uint8Array(fs.readFileSync(file));
  const told = await clientOf(options).text(`/${place}`, { method: 'PUT', file: { bytes, type } });
  if (options.out !== undefined) fs.writeFileSync(options.out, `${told}\n`, { flag: 'wx', mode: 0o600 });
  return JSON.parse(told) as Uploaded;
}

interface Uploaded {
  readonly read?: number;
  readonly refused?: readonly { readonly line?: number; readonly code: string }[];
  readonly job?: string;
}

function uploadedInWords({ read, refused = [], job }: Uploaded): string {
  if (job !== undefined) return `It goes on as ${job}.`;
  const lines = refused.map(({ line, code }) => `  line ${line ?? '?'}: ${code}`);
  return [`Read: ${read ?? 0}; refused: ${refused.length}`, ...lines].join('\n');
}

async function load(place: string, options: GatewayOptions) {
  const client = clientOf(options);
  for (;;) {
    const asking = { method: 'POST', key: randomUUID() } as const;
    const told = await client.ask<{ isDone: boolean; of: number; loaded: number }>(`/${place}`, asking);
    if (told.isDone) return told;
  }
}
