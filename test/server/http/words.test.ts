/** Words that an office writes where an act has a hash: they are what its officers sign, and what they are shown. */
import { expect } from 'chai';
import { fromHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { actInWords, readActFile, unopenedIn } from '../../../server/domain/signer/actFile.ts';
import { readBeside } from '../../../server/domain/signer/beside.ts';
import { WORDS_OF } from '../../../server/http/wordsBehind.ts';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import type { Api, Schema } from '../../gateway/generated.ts';

const DONOR = 'Example Foundation, transfer 17';
const words = (path: string, value: string) => [{ path, value }];
const fileOf = ({ prepared }: ActTold) => readActFile(JSON.stringify(prepared));

describe('words behind the hashes of an act', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  let token: string;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme in words');
    token = await app.token('agency', 1);
  });
  after(() => app?.remove());

  const prepare = <T = ActTold>(place: string, body: object, head: object = {}) =>
    app.ask<T>('POST', `/acts/${place}`, {
      ...{ token, body: { head: { ...headOf(OFFICERS.preparer), ...head }, ...body } },
    });
  const { policyHash: _, ...policy } = new Aid(undefined as never, 'a programme in words').policy();
  const money = (more: object) => ({
    ...{ programme: aid.programme, move: 'fund', amountMinor: '500', ...more },
  });

  it('stand wherever a body has such a hash', async () => {
    const api = (await app.ask<Api>('GET', '/openapi.json')).body;
    const lacking: string[] = [];
    const look = (schema: Schema | undefined, at: string): void => {
      const { properties = {} } = schema ?? {};
      for (const [name, field] of Object.entries(properties)) {
        const beside = Object.entries(WORDS_OF).find(([hash]) => hash === name)?.[1];
        if (beside !== undefined && properties[beside] === undefined) lacking.push(`${at}/${name}`);
        look(field, `${at}/${name}`);
      }
    };
    let looked = 0;
    for (const [path, { post }] of Object.entries(api.paths)) {
      const schema = path.startsWith('/acts/')
        ? post?.requestBody?.content['application/json']?.schema
        : undefined;
      if (schema !== undefined) looked++;
      look(schema, path);
    }
    expect([lacking, looked > 25]).to.deep.equal([[], true]);
  });

  it('are said in the sentence, opened in the file whenever it is asked for, and signed', async () => {
    const defined = await prepare('programmes', {
      ...policy,
      policy: words('policy/title', 'Cash for seeds'),
    });
    expect(defined.status, defined.text).to.equal(201);
    expect(actInWords(fileOf(defined.body))[0]).to.include('by the policy: policy/title "Cash for seeds"');
    const two = [OFFICERS.preparer, OFFICERS.approver] as const;
    await app.sign('agency', defined.body, two);
    const given = await prepare('funds', money({ source: words('donor', DONOR) }), {
      sources: words('letter/number', 'L-9'),
    });
    expect(given.status, given.text).to.equal(201);
    const file = fileOf(given.body);
    expect([
      unopenedIn(file),
      actInWords(file)[0]?.includes(`by the source: donor "${DONOR}"`),
    ]).to.deep.equal([[], true]);
    expect(actInWords(file).join('\n')).to.include('letter/number: "L-9"');
    const text = JSON.stringify(given.body);
    const [opening = ''] = actInWords(file, readBeside(text, text.length));
    expect(opening).to.match(
      /^Adds 500 minor units of its currency \(by the gateway's record KES 5\.00\) to the money of programme /,
    );
    const second = await app.token('agency', 1, 'second');
    const waiting = await app.ask<{ rows: { id: string; subject: string }[] }>('GET', '/acts', {
      token: second,
    });
    const row = waiting.body.rows.find(({ id }) => id === given.body.id);
    expect(row?.subject).to.match(/^programme 0x\w+\.\.\.\w+, KES 5\.00$/);
    const again = await app.ask<ActTold>('GET', `/acts/${given.body.id}`, { token: second });
    expect(JSON.stringify(again.body.prepared)).to.equal(JSON.stringify(given.body.prepared));
    await app.sign('agency', given.body, two);
    expect((await aid.money()).fundedMinor).to.equal('500');
  });

  it('are refused beside a hash, which could be of others, and are none where there is none', async () => {
    const source = words('donor', DONOR);
    const told = await prepare<Problem>('funds', money({ source, sourceCommitment: named('another') }));
    expect([told.body.code, told.body.errors?.[0]?.pointer]).to.deep.equal([
      'words-beside-a-hash',
      '/source',
    ]);
    const inHead = await prepare<Problem>('funds', money({}), {
      ...{ sources: source, sourcesRoot: named('another') },
    });
    expect(inHead.body.errors?.[0]?.pointer).to.equal('/head/sources');
    const without = await prepare('funds', money({ sourceCommitment: ZERO_32 }));
    expect(unopenedIn(fileOf(without.body))).to.deep.equal([]);
    const elsewhere = await prepare('funds', money({ sourceCommitment: named('elsewhere') }));
    expect(unopenedIn(fileOf(elsewhere.body))).to.deep.equal(['/sourceCommitment']);
    expect(fromHex(named('elsewhere'))).to.have.length(32);
  });
});
