/** Signatures that arrive at the same moment, whichever parts of an act they are: the act is carried out, once. */
import { expect } from 'chai';
import { type ActTold, type App, type OperationTold, startApp } from '../../gateway/app.ts';
import {
  prepareTransfer,
  registerUnits,
  SIGNED_PARTS,
  sendPart,
  type Transfer,
} from '../../gateway/transfers.ts';

/** Which parts are the last and arrive together; what is left over comes before them. */
const TOGETHER: readonly (readonly (typeof SIGNED_PARTS)[number][])[] = [
  ['preparer', 'approver'],
  ['preparer', 'consent'],
  ['approver', 'consent'],
  SIGNED_PARTS,
];
const TRIES = 8;

describe('signatures that arrive together', function () {
  this.timeout(300_000);
  let app: App;
  let baUnit: string;
  before(async () => {
    app = await startApp();
    [baUnit = ''] = await registerUnits(app, 1);
  });
  after(() => app?.remove());

  /** The operation once it is over; undefined where the act is complete and nobody carries it out. */
  async function outcome({ act }: Transfer): Promise<OperationTold | undefined> {
    const token = await app.token('registrar', 1);
    const { body } = await app.ask<ActTold>('GET', `/acts/${act.id}`, { token });
    if (body.operation === undefined) return undefined;
    const headers = { Prefer: 'wait=20' };
    return (await app.ask<OperationTold>('GET', body.operation, { token, headers })).body;
  }

  for (const last of TOGETHER) {
    it(`carry the act out once: ${last.join(', ')}`, async () => {
      let stuck = 0;
      for (let i = 0; i < TRIES; i++) {
        const transfer = await prepareTransfer(app, baUnit);
        for (const part of SIGNED_PARTS.filter((one) => !last.includes(one)))
          await sendPart(app, part, transfer);
        const answers = await Promise.all(last.map((part) => sendPart(app, part, transfer)));
        expect(answers.map(({ status }) => status)).to.satisfy((all: number[]) =>
          all.every((status) => status === 201 || status === 202),
        );
        const operation = await outcome(transfer);
        if (operation === undefined) {
          stuck++;
          await sendPart(app, 'take-back', transfer);
        } else expect(operation).to.deep.include({ state: 'PROJECTED', isFinal: true });
      }
      console.log(`      ${last.join(' and ')} together | ${TRIES} tried | ${stuck} stuck`);
      expect(stuck).to.equal(0);
    });
  }
});
