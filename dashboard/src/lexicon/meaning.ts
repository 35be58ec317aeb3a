// What a check means: what it asks, what its failure is called, and in which unit its numbers are.

export type Unit =
  | 'share'
  | 'count'
  | 'days'
  | 'hours'
  | 'minutes'
  | 'seconds'
  | 'dollars'
  | 'shares'
  | 'instant'
  | 'score'
  | 'none';

export interface Meaning {
  asks: string;
  fails: string;
  unit: Unit;
  /** How the observed must stand to the limit. */
  must: '≤' | '≥' | '<' | '>' | null;
}

export function meaning(
  asks: string,
  fails: string,
  unit: Unit = 'none',
  must: Meaning['must'] = null,
): Meaning {
  return { asks, fails, unit, must };
}
