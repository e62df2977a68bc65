import type { RefusalRow } from './row.ts';

export const benefitRefusals = {} as const satisfies Record<string, RefusalRow>;
