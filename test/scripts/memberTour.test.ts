/** The README's tour of members, run as it is written: a second institution joins, a lost key is replaced, a pause. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Command } from 'commander';
import { addMember } from '../../scripts/member.ts';
import { ORDERS, type OrderRow } from '../../server/domain/acts/orders.ts';
import { ACTS, type ActRow } from '../../server/domain/acts/table.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { kudurru } from '../gateway/kudurru.ts';
import { blocksOf, TOUR_MS, typed as typedAt } from '../gateway/tour.ts';

describe("the README's tour of members", function () {
  this.timeout(2 * TOUR_MS);
  let home: string;
  let app: App | undefined;
  let said: string;

  let rpc: string;

  const typed = (...blocks: readonly string[]) => typedAt({ home, gateway: app?.url, rpc }, ...blocks);

  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'kudurru-tour-'));
    const folder = path.join(home, 'kudurru-tour');
    mkdirSync(folder);
    const [words = '', founding = '', start = '', ...rest] = blocksOf('A second institution joins');
    expect([start.includes('npm start'), rest.length]).to.deep.equal([true, 2]);
    const rpcPort = await freePort();
    rpc = `http://127.0.0.1:${rpcPort}`;
    await typed(words, founding);
    app = await startApp({ folder, env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    for (const [name, institution] of [
      ['token-1', 1],
      ['token-2', 2],
    ] as const) {
      writeFileSync(path.join(folder, name), await app.token('member', institution, name));
    }
    said = await typed(words, ...rest);
  });
  after(async () => {
    await app?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('has an institution join by votes, and two votes decide from then on', () => {
    expect(said).to.match(/Votes for this: Admits institution 2 with 3 officers/);
    expect(said).to.match(/due; for: 1; against: nobody; has its votes/);
    expect(said).to.match(
      /Gives office 2 to institution 2 to keep, with 2 of 2 votes, after no time\.\n {2}voting; .*lacks 1 vote;/,
    );
    expect(said).to.match(/^2 {2}active, a member, keeps office 2$/m);
  });

  it('replaces a lost key, whose successor signs', () => {
    expect(said).to.match(/Replaces the first key of officer 0x/);
    expect(said).to.match(/institution 2, every office, active; keys secp256k1 3, secp256k1 2;/);
  });

  it('pauses by two institutions and resumes', () => {
    expect(said).to.match(/^redemption until .*, by two institutions$/m);
    expect(said.trimEnd().endsWith('None.')).to.equal(true);
  });

  it('has the notary succeeded as docs/operating.md says it, word for word', async () => {
    const [words = ''] = blocksOf('A second institution joins');
    const recorder = `
      kudurru holder key keeper
      kudurru recorder key --key keeper --trust $TOUR/data/trust.json --institution 1 --token $TOUR/token-1 --json > $TOUR/r.json
      kudurru member recorder $TOUR/r.json --by $TOUR/amina.json --token $TOUR/token-1 --out $TOUR/recorder.json
      signed recorder amina token-1 --registers $TOUR/registers.json
      signed recorder boris token-1 --approve --registers $TOUR/registers.json`;
    await typed(words, recorder);
    const blocks = blocksOf("A register's successor", 'docs/operating.md');
    expect(blocks).to.have.length(4);
    const told = await typed(words, ...blocks);
    expect(told).to.match(
      /^Notary at 0x[0-9a-f]{40}, code 0x[0-9a-f]{64}: of this version and this ledger$/m,
    );
    expect(told.match(/^0x[0-9a-f]{64}: 3 words of notary, in 1 calls$/gm)).to.have.length(2);
    expect(told).to.match(/^1 calls sent: notary has begun at 0x/m);
    expect(told.match(/^SOUND: /gm)).to.have.length(2);
    expect(told).to.match(/^Nothing was succeeded: written as it was: /m);
    const data = ['--data', path.join(home, 'kudurru-tour', 'data')];
    const again = kudurru(['succession', 'fill', '--register', 'Notary', ...data]);
    expect(again.stdout).to.match(/^Nothing is left to send: notary has begun/);
    const empty = kudurru(['succession', '--register', 'land registry', ...data]);
    expect(empty.stdout).to.match(/^0 words: the register land holds nothing to carry. .*without importHash/);
    const strange = kudurru(['succession', '--register', 'fees', ...data]);
    expect(strange.stderr).to.match(/One of land, benefits, notary, safeguards, personnel\./);
    const verifier = kudurru(['verifier', '--kind', 'p256', ...data]);
    expect(verifier.stdout).to.match(/^p256 at 0x[0-9a-f]{40}, code .*: the verifier of this version$/m);
    const stranger = ['--rpc', rpc, '--trust', path.join(home, 'kudurru-tour', 'data', 'trust.json')];
    const refused = kudurru(['succession', 'deploy', '--register', 'notary', ...stranger]);
    expect([refused.code, refused.stderr]).to.satisfy(([code, text]: [number, string]) => {
      return code === 2 && text.includes('over the control socket of the data folder only');
    });
  });

  it('expels an institution by votes, by command, which does nothing any more', async () => {
    const [words = ''] = blocksOf('A second institution joins');
    const decided = (name: string) => `
      signed ${name} amina token-1
      kudurru member vote $TOUR/${name}.json --by $TOUR/elif.json --token $TOUR/token-2 --out $TOUR/${name}-2.json
      signed ${name}-2 elif token-2
      kudurru member execute $TOUR/${name}.json --token $TOUR/token-1`;
    const told = await typed(
      words,
      `for name in gul hana; do
        kudurru officer new $name --trust $TOUR/data/trust.json --institution 3 --roles admin-preparer,admin-approver > $TOUR/$name.json
      done
      BY="--by $TOUR/amina.json --token $TOUR/token-1"
      kudurru member propose admit-institution --set institution=3 --set roles=admin-preparer,admin-approver \\
        --officer $TOUR/gul.json --officer $TOUR/hana.json $BY --out $TOUR/third.json`,
      decided('third'),
      'kudurru member propose expel-institution --set institution=3 $BY --out $TOUR/out.json',
      decided('out'),
      'kudurru member institutions --token $TOUR/token-1',
    );
    expect(told).to.match(/^Votes for this: Expels institution 3/m);
    expect(told).to.match(/^3 {2}expelled, without a vote, keeps no office$/m);
  });

  it('says what its keys are, and starts with them again only where that is accepted', async () => {
    expect(await (await fetch(`${app?.url}/`)).text()).to.include('SOFTWARE KEYS');
    await app?.stop();
    const folder = path.join(home, 'kudurru-tour');
    const env = {
      ...ENVIRONMENT,
      ...{ KUDURRU_DATA: path.join(folder, 'data'), PORT: '0', KUDURRU_RPC_PORT: '0' },
      KUDURRU_ACCEPT_KEYS_ON_DISK: '0',
    };
    const main = path.resolve(import.meta.dirname, '../../server/main.ts');
    const started = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
    expect([started.status, started.stdout]).to.deep.equal([1, '']);
    expect(started.stderr).to.include('SOFTWARE KEYS').and.include('Kudurru cannot start (keys-on-disk)');
    app = await startApp({ folder, env: { KUDURRU_RPC_PORT: new URL(rpc).port } });
  });

  it('is not founded as the ledger of two institutions with such keys where nobody accepts it', async () => {
    const folder = path.join(home, 'of-two');
    const started = await startApp({ folder, env: { KUDURRU_ACCEPT_KEYS_ON_DISK: '0' } }).catch(String);
    expect(started).to.include('Kudurru cannot start (keys-on-disk)');
    expect(existsSync(path.join(folder, 'data', 'trust.json'))).to.equal(false);
  });

  it('leaves a ledger that is derived again from block 0, and says why a command is refused', async () => {
    const token = await app?.token('auditor', 0);
    const checked = await app?.ask<{ ok: boolean; findings: unknown[] }>('POST', '/checks', { token });
    expect(checked?.body).to.deep.include({ ok: true, findings: [] });
    const folder = path.join(home, 'kudurru-tour');
    const file = (name: string) => path.join(folder, name);
    const gateway = ['--gateway', app?.url ?? '', '--token', file('token-1')];
    const again = kudurru(['member', 'execute', file('join.json'), ...gateway]);
    expect([again.code, again.stderr]).to.satisfy(([code, text]: [number, string]) => {
      return code === 1 && text.startsWith('Refused (measure-is-closed)');
    });
    const [by, taken] = [
      ['--by', file('amina.json')],
      ['--out', file('join.json')],
    ];
    const stop = (scope: string, ...out: readonly string[]) =>
      kudurru(['member', 'pause', '--scope', scope, '--hours', '1', ...by, ...out, ...gateway]);
    const food = stop('redemption', '--out', file('food.json'));
    expect(food.stderr).to.match(/^Refused \(pause-needs-two-institutions\)/);
    const land = stop('land', ...taken);
    expect([land.code, land.stderr]).to.deep.equal([
      2,
      `${file('join.json')} is there already: name another file.\n`,
    ]);
  });

  it('says to whoever proposes why the measure could not be carried out, and what helps', () => {
    const file = (name: string) => path.join(home, 'kudurru-tour', name);
    const at = ['--gateway', app?.url ?? '', '--token', file('token-1'), '--by', file('amina.json')];
    const propose = (...words: readonly string[]) => kudurru(['member', 'propose', ...words, ...at]);
    const expel = propose('expel-institution', '--set', 'institution=2', '--out', file('expel.json'));
    expect(expel.stdout).to.match(
      /^As things stand it could not be carried out: Too few members .* admit another member first: .*\(members-below-quorum\)$/m,
    );
    const validator = ['--set', `validator=0x${'0b'.repeat(20)}`];
    const remove = propose('remove-validator', ...validator, '--out', file('remove.json'));
    expect([remove.code, remove.stdout]).to.satisfy(([code, text]: [number, string]) => {
      return code === 0 && /could not be carried out: .*\(validator-set-unchanged\)/.test(text);
    });
    const add = propose('add-validator', '--set', 'institution=1', ...validator, '--out', file('add.json'));
    expect(add.stdout).to.match(
      /^Before you vote: One gateway seals this ledger alone.*\(ledger-seals-alone\)$/m,
    );
    const verifier = ['--set', `verifier=0x${'0b'.repeat(20)}`, '--set', 'keyKind=p256'];
    const allow = propose('allow-verifier', ...verifier, '--out', file('allow.json'));
    expect([allow.code, allow.stderr]).to.satisfy(([code, text]: [number, string]) => {
      return code === 1 && /^Refused \(not-a-contract\).*^ {2}--set: not-a-contract/ms.test(text);
    });
  });

  it('tells who would free a colleague when nobody could approve it, and that the members can', async () => {
    const file = (name: string) => path.join(home, 'kudurru-tour', name);
    const [words = ''] = blocksOf('A second institution joins');
    const hold = [
      'kudurru member suspend $TOUR/femi.json --hours 48 --by $TOUR/elif.json --token $TOUR/token-2 --out $TOUR/hold.json',
      'signed hold elif token-2 --registers $TOUR/registers.json',
    ];
    await typed(
      words,
      hold.join('\n'),
      'kudurru officer new ines --trust $TOUR/data/trust.json --institution 2 --roles vote > $TOUR/ines.json',
    );
    const at = ['--gateway', app?.url ?? '', '--token', file('token-2')];
    const by = ['--by', file('dina.json'), '--epoch', '3', '--out', file('free.json')];
    const free = kudurru(['member', 'free', file('femi.json'), ...by, ...at]);
    expect([free.code, free.stderr]).to.satisfy(([code, text]: [number, string]) => {
      return code === 1 && /^Refused \(nobody-to-approve\).*propose free-officer/s.test(text);
    });
    // Whatever two of them sign of power: the one who prepares is told before, unless the act outlasts the suspension.
    const soon = (days: number, name: string) => [
      ...['--by', file('dina.json'), '--epoch', '3', '--days', String(days), '--out', file(name)],
    ];
    for (const act of [
      ['revoke', file('femi.json')],
      ['appoint', file('ines.json')],
    ]) {
      const told = kudurru(['member', ...act, ...soon(1, 'soon.json'), ...at]);
      expect([told.code, told.stderr], act[0]).to.satisfy(([code, text]: [number, string]) => {
        return code === 1 && /^Refused \(nobody-to-approve\).*^ {2}--by: nobody-to-approve/ms.test(text);
      });
    }
    const vote = ['free-officer', '--set', `officer=${file('femi.json')}`, '--out', file('freed.json')];
    const byVote = kudurru(['member', 'propose', ...vote, ...by.slice(0, 4), ...at]);
    expect([byVote.code, byVote.stdout]).to.satisfy(([code, text]: [number, string]) => {
      return code === 0 && /^Votes for this: Ends the suspension of officer /.test(text);
    });
    const later = kudurru(['member', 'revoke', file('femi.json'), ...soon(3, 'later.json'), ...at]);
    expect(later.code, later.stderr).to.equal(0);
    const quorum = ['set-quorum', '--set', 'quorum=2', '--voting-days', '0'];
    const short = kudurru(['member', 'propose', ...quorum, ...by, ...at]);
    expect([short.code, short.stderr]).to.satisfy(([code, text]: [number, string]) => {
      return code === 2 && text.includes('From 1 to 60.');
    });
  });

  it('passes authority to another consortium, which a command makes and which decides from then on', async () => {
    const [words = ''] = blocksOf('A second institution joins');
    const told = await typed(
      words,
      `NONCE=$(grep -o '"ledgerNonce": "0x[0-9a-f]*"' $TOUR/data/trust.json | cut -d '"' -f 4)
      for name in kim lena mona; do
        kudurru officer new $name --ledger-nonce $NONCE --institution 2 --roles all > $TOUR/$name.json
      done
      OFFICERS=$(for name in amina boris chen kim lena mona; do echo "--officer $TOUR/$name.json"; done)
      kudurru officer founding --ledger-nonce $NONCE --institution 1:all --institution 2:all --office 1:1 --office 2:2 \\
        --widening-wait-days 0 --appointment-wait-days 0 $OFFICERS --out $TOUR/next.json
      OF="--register consortium --founding $TOUR/next.json --data $TOUR/data"
      NEXT=$(kudurru succession deploy $OF | grep -oE '0x[0-9a-f]{40}' | head -n 1)
      kudurru succession check $OF --contract $NEXT
      kudurru member propose pass-authority --set consortium=$NEXT --by $TOUR/amina.json --token $TOUR/token-1 --out $TOUR/pass.json
      signed pass amina token-1
      kudurru member vote $TOUR/pass.json --by $TOUR/dina.json --epoch 3 --token $TOUR/token-2 --out $TOUR/passed.json
      signed passed dina-new token-2
      kudurru member execute $TOUR/pass.json --token $TOUR/token-1
      kudurru succession trust --data $TOUR/data --out $TOUR/trust-2.json
      kudurru member propose set-policy --set policy=benefitTierMinor/404 --set value=5000 \\
        --by $TOUR/lena.json --token $TOUR/token-2 --out $TOUR/anew.json
      kudurru officer sign $TOUR/anew.json --key lena --trust $TOUR/trust-2.json --yes --out $TOUR/anew.lena
      kudurru member hand-in $TOUR/anew.json $TOUR/anew.lena --token $TOUR/token-2
      kudurru audit --rpc $RPC --trust $TOUR/trust-2.json
      kudurru fsck --data $TOUR/data --trust $TOUR/trust-2.json
      kudurru fsck --data $TOUR/data --trust $TOUR/data/trust.json`,
    );
    expect(told).to.match(/^Consortium at 0x[0-9a-f]{40}, code .*: of this version and this ledger$/m);
    expect(told).to.match(/^PROVED from the file before: consortium was succeeded$/m);
    expect(told.match(/^SOUND: /gm)).to.have.length(3);
    expect(
      told.match(/^trust file 0x.* IS OLD: the consortium of this ledger was succeeded /gm),
    ).to.have.length(1);
    const file = (name: string) => path.join(home, 'kudurru-tour', name);
    const other = ['--founding', file('founding.json'), '--data', file('data')];
    const [, consortium = ''] = /^Consortium at (0x[0-9a-f]{40})/m.exec(told) ?? [];
    const again = kudurru([
      ...['succession', 'check', '--register', 'consortium', '--contract', consortium, ...other],
    ]);
    expect([again.code, again.stderr.split(':')[0]]).to.deep.equal([1, 'Refused (not-the-predecessor)']);
  });

  it('has a command for everything that officers sign of power', () => {
    const program = new Command('kudurru');
    addMember(program);
    const names = program.commands.flatMap((one) => one.commands.map((two) => `${one.name()} ${two.name()}`));
    const rows: readonly (ActRow | OrderRow)[] = [...Object.values(ACTS), ...Object.values(ORDERS)];
    const groups = program.commands.map((one) => one.name());
    const commands = rows
      .flatMap(({ command }) => command ?? [])
      .filter((command) => groups.includes(command.split(' ')[0] ?? ''));
    expect(commands).to.have.length(13);
    expect(names).to.include.members(commands);
    expect(names).to.include.members([
      'member propose',
      'member execute',
      'member reschedule',
      'member lapse',
    ]);
  });
});
