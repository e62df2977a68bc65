/** What is remembered of long work: answers that somebody may still ask for, and no more of them than there is room for. */
import { expect } from 'chai';
import { openJobs } from '../../server/desk/jobs.ts';
import { Refusals, refusal } from '../../server/domain/base/refusal.ts';
import type { OfficeId } from '../../server/domain/base/terms.ts';
import { answerAsJob, linesAnswered } from '../../server/http/jobs.ts';
import { ERRORS_SHOWN, shownOf } from '../../server/http/problem.ts';
import type { Answer } from '../../server/http/route.ts';

const OF = { kind: 'registrations', office: 0 as OfficeId };
const asked = (isAsync: boolean) => ({ principal: { id: 'token:1', institution: 1 } as never, isAsync });
/** Twenty thousand people are one file's. */
const longAnswer = (): Answer => ({
  status: 200,
  body: { people: Array.from({ length: 20_000 }, (_, line) => ({ line })), refused: [], read: 20_000 },
});

describe('long work', () => {
  it('is forgotten with its answer when whoever began it has it, and remembered where it was left', async () => {
    const jobs = openJobs<Answer>({ nowMs: Date.now, linesOf: linesAnswered, shownOf });
    const begun: string[] = [];
    const seen = Object.assign({}, jobs, {
      start: (...given: Parameters<typeof jobs.start>) => {
        const job = jobs.start(...given);
        begun.push(job.id);
        return job;
      },
    });
    const work = async () => longAnswer();
    expect((await answerAsJob(seen, asked(false), OF, work)).status).to.equal(200);
    expect((await answerAsJob(seen, asked(true), OF, work)).status).to.equal(202);
    const refused = answerAsJob(seen, asked(false), OF, async () => Promise.reject(new Error('no')));
    expect(await refused.catch((error: Error) => error.message)).to.equal('no');
    const [waited = '', left = '', failed = ''] = begun;
    expect(() => jobs.find(1, waited))
      .to.throw()
      .with.property('code', 'job-missing');
    expect(() => jobs.find(1, failed))
      .to.throw()
      .with.property('code', 'job-missing');
    await jobs.find(1, left).done;
    expect(jobs.find(1, left).state).to.equal('done');
  });

  it('of a million people, left file by file, is remembered by the newest files alone', async () => {
    const jobs = openJobs<Answer>({ nowMs: Date.now, linesOf: linesAnswered, shownOf });
    const ids: string[] = [];
    for (let file = 0; file < 50; file++) {
      const job = jobs.start(Object.assign({ institution: 1 }, OF), async () => longAnswer());
      ids.push(job.id);
      await job.done;
    }
    const kept = ids.filter((id) => {
      try {
        return jobs.find(1, id).state === 'done';
      } catch {
        return false;
      }
    });
    expect(kept).to.deep.equal(ids.slice(-20));
  });

  it('that was refused is remembered by what is shown of it, and not by every line of its file', async () => {
    const jobs = openJobs<Answer>({ nowMs: Date.now, linesOf: linesAnswered, shownOf });
    const refused = Array.from({ length: 2_000 }, (_, line) =>
      refusal('item-malformed', undefined, { line }),
    );
    const [first = refusal('item-malformed'), ...others] = refused;
    const job = jobs.start(Object.assign({ institution: 1 }, OF), async () =>
      Promise.reject(new Refusals([first, ...others])),
    );
    const rejected = await job.done.catch((error: unknown) => error);
    const { error } = jobs.find(1, job.id);
    expect(rejected).to.equal(error);
    expect(error).to.be.instanceOf(Refusals);
    expect((error as Refusals).list).to.deep.equal(refused.slice(0, ERRORS_SHOWN));
  });

  it('of which one answer is longer than all that is remembered is remembered until the next', async () => {
    const jobs = openJobs<number>({ nowMs: Date.now, linesOf: (lines) => lines, shownOf });
    const start = (lines: number) => jobs.start(Object.assign({ institution: 1 }, OF), async () => lines);
    const long = start(500_000);
    await long.done;
    expect(jobs.find(1, long.id).answer).to.equal(500_000);
    const short = start(1);
    await short.done;
    expect(() => jobs.find(1, long.id)).to.throw();
    expect(jobs.find(1, short.id).answer).to.equal(1);
  });
});
