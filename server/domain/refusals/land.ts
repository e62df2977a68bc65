import type { RefusalRow } from './row.ts';

export const landRefusals = {} as const satisfies Record<string, RefusalRow>;
