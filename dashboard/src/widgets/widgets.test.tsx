// @vitest-environment jsdom

import { render, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Check, QuoteInContext } from '@/api/schema';
import { Change, Profit } from './amount';
import { CheckList } from './check-list';
import { Quotes } from './quotes';
import { placed, Waterfall } from './waterfall';

function check(part: Partial<Check>): Check {
  return {
    gate: 'sector',
    code: 'SECTOR_CAP',
    passed: true,
    hard: true,
    observed: 0.2,
    limit: 0.3,
    data_as_of: null,
    ...part,
  };
}

describe('a list of checks', () => {
  it('names the first hard failure, and only that one', () => {
    const checks = [
      check({
        gate: 'earnings',
        code: 'EARNINGS_BLACKOUT_DATA_MISSING',
        passed: false,
        hard: false,
        observed: null,
      }),
      check({ passed: false, observed: 0.318 }),
      check({ gate: 'name', code: 'NAME_CAP', passed: false }),
    ];
    render(<CheckList checks={checks} caption="Gates" />);

    const [, missing, sector, name] = screen.getAllByRole('row');
    expect(missing?.textContent).toContain('Noted');
    expect(sector?.textContent).toContain('The first gate that said no');
    expect(sector?.textContent?.replaceAll('\u202f', ' ')).toContain('31.8 % must be < 30.0 %');
    expect(name?.textContent).toContain('Fail');
    expect(screen.getAllByText('The first gate that said no')).toHaveLength(1);
  });

  it('does not call passed what was never asked', () => {
    render(<CheckList checks={[check({ code: 'NOT_ASKED_OF_EXITS' })]} caption="Gates" />);
    expect(screen.getByText('Not asked')).toBeDefined();
  });
});

describe('a quote', () => {
  const quote: QuoteInContext = {
    quote: 'raised its outlook',
    before: 'The firm ',
    after: ' today.',
    start: 9,
    end: 27,
    verbatim: true,
  };

  it('is marked inside its sentence', () => {
    const { container } = render(<Quotes quotes={[quote]} />);
    expect(container.querySelector('blockquote')?.textContent).toBe('The firm raised its outlook today.');
    expect(container.querySelector('mark')?.textContent).toBe('raised its outlook');
  });

  it('renders hostile text as text', () => {
    const { container } = render(
      <Quotes quotes={[{ ...quote, before: '<img src=x onerror=alert(1)>', start: 28, end: 46 }]} />,
    );
    expect(container.querySelector('img')).toBeNull();
  });

  it('says aloud that the stored text does not hold it', () => {
    render(<Quotes quotes={[{ ...quote, verbatim: false }]} />);
    expect(screen.getByText(/does not hold this quote/)).toBeDefined();
  });
});

describe('a waterfall', () => {
  it('lets each bar begin where the last one ended', () => {
    expect(placed([3, -1, 2])).toEqual([
      { from: 0, to: 3 },
      { from: 3, to: 2 },
      { from: 2, to: 4 },
    ]);
  });

  it('links each part and tells the sum', () => {
    const steps = [
      { key: 'a', label: 'Guidance', note: 'wire', value: 0.62, href: '#a' },
      { key: 'b', label: 'Recall', note: 'paper', value: -0.12, href: '#b' },
    ];
    render(<Waterfall steps={steps} total="Together" />);
    expect(screen.getByRole('link', { name: /Guidance/ }).getAttribute('href')).toBe('#a');
    const [, , sum] = screen.getAllByRole('listitem');
    expect(within(sum as HTMLElement).getByText('+0.500')).toBeDefined();
  });
});

describe('amounts', () => {
  it('say their direction without colour', () => {
    const { container } = render(<Profit value="-12.5" />);
    expect(container.textContent).toBe('▼−$12.50');
  });

  it('that round to nothing point nowhere', () => {
    const { container } = render(<Change share={0.00001} />);
    expect(container.textContent).toBe('0.0\u202f%');
  });
});
