/** `kudurru desk enrol`: who has the one-time link of a first start needs no browser for the administrator's token. */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type App, startApp } from '../gateway/app.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';

describe('kudurru desk enrol', function () {
  this.timeout(240_000);
  let app: App | undefined;
  after(async () => {
    await app?.remove();
    removeTemporaryFolders();
  });

  it('writes the token of the link once, for its owner alone, and spends no link on a file it cannot write', async () => {
    const file = path.join(temporaryFolder(), 'administrator');
    const enrol = (url: string, link: string) =>
      kudurruBeside(['desk', 'enrol', `${url}/enrol#${link}`, '--gateway', url, '--out', file, '--json']);
    let again: Awaited<ReturnType<typeof enrol>> | undefined;
    app = await startApp({
      enrol: async (url, link) => {
        fs.writeFileSync(file, 'another');
        expect((await enrol(url, link)).code, 'a file that is there').to.not.equal(0);
        fs.rmSync(file);
        const first = await enrol(url, link);
        expect(first.code, first.stderr).to.equal(0);
        const token = fs.readFileSync(file, 'utf8');
        expect(first.stdout).to.not.include(token);
        expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
        fs.rmSync(file);
        again = await enrol(url, link);
        return token;
      },
    });
    expect(again?.code, 'a link that was used').to.equal(1);
    expect(fs.existsSync(file), 'nothing is left of one that was refused').to.equal(false);
    expect(await app.token('registrar', 1)).to.be.a('string'); // which the administrator's token gave
  });
});
