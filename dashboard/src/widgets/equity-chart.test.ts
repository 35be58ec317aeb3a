import { describe, expect, it } from 'vitest';
import type { EquityPoint } from '@/api/schema';
import { drawable, widened } from './equity-chart';

function point(as_of: string, equity: string): EquityPoint {
  return { as_of, equity, cash: '0', gross: '0', net: '0', high_water_mark: equity, drawdown: 0 };
}

describe('the equity chart', () => {
  it('draws one value a second, the last, in order', () => {
    const points = [
      point('2025-04-02T00:00:00Z', '3'),
      point('2025-04-01T00:00:00Z', '1'),
      point('2025-04-01T00:00:00.500Z', '2'),
    ];
    expect(drawable(points).map(({ value }) => value)).toEqual([2, 3]);
  });

  it('shows at least a hundredth on either side of what was put in', () => {
    const found = { priceRange: { minValue: 99_990, maxValue: 103_000 } };
    expect(widened(found, 100_000)?.priceRange).toEqual({ minValue: 99_000, maxValue: 103_000 });
  });
});
