/**
 * `kudurru desk names`: names beside the people of a list that is to be signed, for whoever may see them.
 *
 * Promises: each name is asked of the gateway like every reading of a person, for a purpose of the caller's role and under a
 * named case, and stands in the access log of the person; nothing that is signed changes. Few at once: a signer looks at
 * some people of a list, not at fifty thousand.
 */
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { readActFile } from '../server/domain/signer/actFile.ts';
import { type PeopleTold, readBeside } from '../server/domain/signer/beside.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import { type Client, Problem } from './client.ts';
import { clientOf, type GatewayOptions, withGateway } from './gatewayOptions.ts';

const MAX_ACT_BYTES = 32 * 2 ** 20;
/** Each is a reading of its own, which the person sees: as many as the gateway opens under one case in a day. */
const MOST_NAMES = 60;
const PURPOSES = ['identification', 'eligibility', 'disbursement'] as const;

interface NamesOptions extends GatewayOptions {
  readonly places: readonly [from: number, to: number];
  readonly purpose: (typeof PURPOSES)[number];
  readonly case: string;
  readonly out: string;
}

interface PersonTold {
  readonly records: readonly { readonly type: string; readonly fields?: { readonly fullName?: unknown } }[];
}

export function addNames(desk: Command): void {
  withGateway(desk.command('names').argument('<act>', 'the prepared act, as the gateway answered it'))
    .description(
      'put names beside some people of the list of an act, before it is signed; each reading is logged',
    )
    .requiredOption('--places <from-to>', `places of the list, at most ${MOST_NAMES} of them: 0-19`, places)
    .requiredOption('--case <reference>', 'number of the case, which the people see beside the reading')
    .addOption(
      new Option('--purpose <purpose>', 'what they are read for').choices(PURPOSES).default('disbursement'),
    )
    .requiredOption(
      '--out <file>',
      'write the act with the names to this file; one that exists is left alone',
    )
    .action((file: string, options: NamesOptions) =>
      answer(
        options,
        () => named(file, options),
        ({ names }) => `Written with ${names} names: ${options.out}`,
      ),
    );
}

async function named(file: string, options: NamesOptions): Promise<{ readonly names: number }> {
  const text = readText(file, MAX_ACT_BYTES);
  readActFile(text);
  const { people } = readBeside(text, MAX_ACT_BYTES);
  if (people === undefined)
    throw new NotUnderstood('The file does not say who stands at the places of a list.');
  const client = clientOf(options);
  const [from, to] = options.places;
  const names = people.names?.slice() ?? people.personIds.map(() => '');
  for (let place = Math.max(from, people.from); place <= to; place++) {
    const id = people.personIds[place - people.from];
    if (id) names[place - people.from] = await nameOf(id, client, options);
  }
  const told: PeopleTold = Object.assign({}, people, { names });
  const given = JSON.parse(text) as { readonly beside: object };
  const beside = Object.assign({}, given.beside, { people: told });
  const written = `${JSON.stringify(Object.assign(given, { beside }))}\n`;
  fs.writeFileSync(options.out, written, { flag: 'wx', mode: 0o600 });
  return { names: names.filter((name) => name !== '').length };
}

/** Empty of a person who is not known here any more. */
async function nameOf(id: Bytes32, client: Client, { purpose, case: caseReference }: NamesOptions) {
  try {
    const { records } = await client.ask<PersonTold>(`/people/${id}?purpose=${purpose}`, { caseReference });
    const name = records.find(({ type }) => type === 'person')?.fields?.fullName;
    return typeof name === 'string' ? name : '';
  } catch (error) {
    if (error instanceof Problem && error.code === 'subject-missing') return '';
    throw error;
  }
}

function places(text: string): readonly [number, number] {
  const [, first = '', last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || to < from || to - from >= MOST_NAMES) {
    throw new InvalidArgumentError(`The first place, -, and the last: ${MOST_NAMES} at most.`);
  }
  return [from, to];
}
