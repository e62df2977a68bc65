/** Who may call what: every operation of the published description, with no token, a wrong role and each right one. */
import { expect } from 'chai';
import { ROLES, type Role } from '../../../server/http/route.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';

interface Described {
  readonly 'x-roles': readonly Role[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

/** Something of every shape, for a path only has to be found; nothing of it is there. */
const PLACED: Readonly<Record<string, string>> = {
  id: '00000000-0000-4000-8000-000000000000',
  cycle: '1',
  epoch: '1',
  index: '0',
};
const ANY_ID = `0x${'11'.repeat(32)}`;

describe('the roles of the API', function () {
  this.timeout(180_000);
  let app: App;
  let operations: { method: string; path: string; place: string; described: Described }[];

  before(async () => {
    app = await startApp();
    const { body } = await app.ask<Description>('GET', '/openapi.json');
    operations = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        ...{ method: method.toUpperCase(), path, described },
        place: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PLACED[name] ?? ANY_ID),
      })),
    );
  });
  after(() => app?.remove());

  const call = (
    operation: (typeof operations)[number],
    token: string | undefined,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const { method, place, described } = operation;
    const [type] = Object.keys(described.requestBody?.content ?? {});
    return app.ask<Problem>(method, place, {
      ...{ token, headers },
      ...(type === undefined ? {} : { file: { text: '{}', type } }),
    });
  };
  const nameOf = ({ method, path }: (typeof operations)[number]) => `${method} ${path}`;

  it('are said of every operation, and nobody is let in who is not named', () => {
    expect(operations.length).to.be.greaterThan(40);
    for (const operation of operations) {
      const { 'x-roles': roles, security } = operation.described;
      expect(roles, nameOf(operation)).to.be.an('array');
      expect(roles.length === 0, nameOf(operation)).to.equal(security?.length === 0);
      for (const role of roles) expect(ROLES, nameOf(operation)).to.include(role);
    }
  });

  it('are asked of who has no token, or one that is none', async () => {
    for (const operation of operations) {
      if (operation.described['x-roles'].length === 0) continue;
      for (const token of [undefined, 'kudurru_0000000000000000_nothing']) {
        const told = await call(operation, token);
        expect(told.status, nameOf(operation)).to.equal(401);
        expect(told.body.code, nameOf(operation)).to.equal('token-required');
      }
    }
  });

  it('come with a key that tells a retry, exactly where the description asks for one', async () => {
    let asked = 0;
    for (const operation of operations) {
      const { 'x-roles': roles, parameters = [] } = operation.described;
      const [role] = roles;
      if (role === undefined) continue;
      const told = await call(operation, await app.token(role, 1), { 'Idempotency-Key': 'no UUID' });
      const isAsked = parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(told.body.code === 'idempotency-key-required', nameOf(operation)).to.equal(isAsked);
      if (isAsked) asked++;
    }
    expect(asked).to.be.greaterThan(15);
  });

  it('let each named role in and every other one stand outside', async () => {
    let [inside, outside] = [0, 0];
    for (const operation of operations) {
      const roles = operation.described['x-roles'];
      if (roles.length === 0) continue;
      for (const role of ROLES) {
        const told = await call(operation, await app.token(role, 1));
        const isIn = roles.includes(role);
        expect(
          told.status === 403 && told.body.code === 'forbidden',
          `${role} ${nameOf(operation)}`,
        ).to.equal(!isIn);
        if (isIn) expect(told.status, `${role} ${nameOf(operation)}`).not.to.be.oneOf([401, 403, 500]);
        if (isIn) inside++;
        else outside++;
      }
    }
    expect(inside + outside).to.equal(
      ROLES.length * operations.filter(({ described }) => described['x-roles'].length > 0).length,
    );
  });

  it('serve to anybody what is for anybody', async () => {
    const open = operations.filter(({ described }) => described['x-roles'].length === 0);
    expect(open.length).to.be.greaterThan(2);
    for (const operation of open) {
      const told = await call(operation, undefined);
      expect(told.body.code, nameOf(operation)).not.to.be.oneOf(['token-required', 'forbidden']);
    }
  });

  it('takes a vendor’s token for one vendor, and for nothing beside it', async () => {
    const administrator = await app.administrator();
    for (const [body, field] of [
      [{ roles: ['vendor'] }, '/vendor'],
      [{ roles: ['agency'], vendor: ANY_ID }, '/vendor'],
      [{ roles: ['vendor', 'agency'], vendor: ANY_ID }, '/roles'],
    ] as const) {
      const told = await app.ask('POST', '/tokens', {
        token: administrator,
        body: { institution: 1, days: 1, ...body },
      });
      expect([told.status, told.body.errors?.[0]?.pointer], told.text).to.deep.equal([422, field]);
    }
  });
});
