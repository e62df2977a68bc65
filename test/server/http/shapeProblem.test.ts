/** What whoever sent nothing, or something of another kind, is told: what belongs there, in its place. */
import { expect } from 'chai';
import { z } from 'zod';
import { issuesIn, problemOfShape, written } from '../../../server/http/shapeProblem.ts';
import { actHead, bytes32, lastMoment, nameText, pageFields } from '../../../server/http/shapes.ts';

const vote = z.union([
  z.strictObject({ officer: bytes32(), proposal: z.strictObject({ kind: z.literal('a'), n: z.int() }) }),
  z.strictObject({ officer: bytes32(), measure: bytes32(), inFavour: z.boolean().default(true) }),
]);

function told(shape: z.ZodType, value: unknown): readonly (readonly [place: string, problem: string])[] {
  const { error } = shape.safeParse(value);
  return (error === undefined ? [] : issuesIn(error)).map(
    (issue) => [issue.path.join('/'), problemOfShape(issue, { shape, value })] as const,
  );
}

describe('a request of another shape', () => {
  it('is told of each field that is missing or of another kind what belongs there, with an example', () => {
    const body = z.strictObject({
      head: actHead,
      until: lastMoment,
      isOpen: z.boolean(),
      all: z.array(z.int()),
    });
    const said = told(body, { head: { office: 1, notBefore: null }, isOpen: 'yes' });
    const of = (place: string) => said.find(([at]) => at === place)?.[1];
    expect(of('head/notBefore')).to.match(/^it is not a date, such as 2026-11-29.*, or a whole number$/);
    expect(of('head/deadline')).to.match(/^it is missing: a date, such as 2026-11-29/);
    expect(of('head/preparer')).to.match(/^it is missing: 32 bytes in lower-case hex.*0x4b75/);
    expect(of('until')).to.match(/^it is missing: a date/);
    expect([of('isOpen'), of('all')]).to.deep.equal(['it is not true or false', 'it is missing: a list']);
    expect(told(body, {})[0]).to.deep.equal([
      'head',
      'it is missing: an object with office, preparer, preparerEpoch, notBefore, deadline, effectiveOn, salt, sourcesRoot, sources, corrects',
    ]);
    expect(told(z.object(pageFields), { newestFirst: 1 })).to.deep.equal([
      ['newestFirst', 'it is none of: true, false'],
    ]);
  });

  it('is told of alternatives what each asks for, and of the one whose names were sent what it lacks', () => {
    const [officer] = [`0x${'11'.repeat(32)}`];
    const [both, ...lacking] = told(vote, { officer });
    expect(both).to.deep.equal([
      '',
      'it is not an object with officer, proposal, or an object with officer, measure, inFavour',
    ]);
    expect(lacking.map(([place]) => place)).to.have.length(1);
    // It knows the names of the first alone, however little else of it is there.
    expect(told(vote, { officer: 1, proposal: { kind: 'a' } }).map(([place]) => place)).to.deep.equal([
      'officer',
      'proposal/n',
    ]);
    // A name too many inside of the one that was meant makes it no other.
    const meant = z.strictObject({ kind: z.literal('a'), n: z.int(), m: z.int() });
    const open = z.union([
      z.strictObject({ proposal: meant, closesAt: z.int(), salt: z.int() }),
      z.strictObject({ measure: z.int() }),
    ]);
    const wrong = { proposal: { kind: 'a', wrong: 1 }, closesAt: 1, salt: 2 };
    expect(told(open, wrong).map(([place]) => place)).to.deep.equal(['proposal/n', 'proposal/m', 'proposal']);
    expect(told(vote, null)[0]?.[1]).to.match(/^it is not an object with officer, proposal, or an object/);
  });

  it('is told one thing of each place, the first that does not hold', () => {
    const shape = z.object({ name: nameText(20), other: nameText(20) });
    const of = (name: string, other = 'Amina') => told(shape, { name, other });
    const long = 'at most 20 characters are allowed';
    expect(of('x'.repeat(5_000), 'x'.repeat(21))).to.deep.equal([
      ['name', long],
      ['other', long],
    ]);
    for (const name of ['', ' ', '---', ' - ', '\u200b', 'Amina  \u200b', ' '.repeat(30)])
      expect(
        of(name).map(([place]) => place),
        JSON.stringify(name),
      ).to.deep.equal(['name']);
    expect(of(' ')[0]?.[1]).to.match(/blanks/);
    expect(of('Amina')).to.deep.equal([]);
    const one = z.object({ word: z.string().min(1), list: z.array(z.int()).max(1), number: z.int().max(3) });
    expect(told(one, { word: '', list: [1, 2], number: 4 }).map(([, words]) => words)).to.deep.equal([
      ...['at least 1 character is needed', 'at most 1 item is allowed', 'at most 3 is allowed'],
    ]);
  });

  it('is told a closed list and a format of ours, and nothing of what was sent', () => {
    const shape = z.object({
      kind: z.enum(['one', 'two']),
      id: z.string().regex(/^a/, written('an a', 'a1')),
    });
    expect(told(shape, {})).to.deep.equal([
      ['kind', 'it is none of: one, two'],
      ['id', 'it is missing: an a, such as a1'],
    ]);
    expect(told(shape, { kind: {}, id: ['MARKED'] })).to.deep.equal([
      ['kind', 'it is none of: one, two'],
      ['id', 'it is not an a, such as a1'],
    ]);
  });
});
