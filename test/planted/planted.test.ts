/** A plant that has lost its place guards nothing: the lists are looked through in every run, and run on demand. */
import path from 'node:path';
import { expect } from 'chai';
import { type Plant, readSuites, testOf, withPlant } from './plants.ts';

const root = path.resolve(import.meta.dirname, '../..');

describe('the planted bugs', () => {
  for (const { name, plants } of readSuites(root)) {
    it(`of the list ${name} stand where they say, each with a test that exists`, () => {
      expect(plants).not.to.have.length(0);
      const lost = plants.flatMap((plant) => {
        try {
          withPlant(root, plant);
          testOf(root, plant);
          return [];
        } catch (error) {
          return String(error);
        }
      });
      expect(lost).to.deep.equal([]);
    });
  }

  it('that are gone, stand twice, change nothing or name no test are seen', () => {
    const plant: Plant = {
      file: 'contracts/Charter.sol',
      find: 'msg.sender != _authority',
      replace: 'false',
      expect: 'test_lastValidatorCannotLeave',
      why: 'an example',
    };
    expect(withPlant(root, plant)).to.include('if (false) revert NotTheAuthority();');
    expect(testOf(root, plant).file).to.equal('test/contracts/Charter.t.sol');
    for (const find of ['nowhere in the file', '_validators']) {
      expect(() => withPlant(root, { ...plant, find })).to.throw('not once');
    }
    expect(() => withPlant(root, { ...plant, replace: plant.find })).to.throw('nothing');
    for (const named of [
      'test_thatIsNot',
      'test/contracts/Charter.t.sol: test_thatIsNot',
      'test/no.test.ts: a',
      'test/suites.test.ts: say what no test says',
    ]) {
      expect(() => testOf(root, { ...plant, expect: named })).to.throw();
    }
  });
});
