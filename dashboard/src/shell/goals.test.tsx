// @vitest-environment jsdom

import { describe, expect, it, vi } from 'vitest';
import { goals } from './goals';
import { press, walk } from './keys';

describe('where the palette leads', () => {
  it('begins with every page', () => {
    expect(goals('', undefined).map(({ heading }) => heading)).toEqual(['Pages']);
  });

  it('finds companies before anything about them', () => {
    const found = {
      companies: [{ ticker: 'AAPL', name: 'Apple Inc.' }],
      documents: [{ id: 'd', title: 'Apple', publisher: 'Wire', known_at: '2025-04-01T00:00:00Z' }],
      recommendations: [],
    };
    const kinds = goals('aapl', found);
    expect(kinds.map(({ heading }) => heading)).toEqual(['Companies', 'Documents']);
    const went = vi.fn();
    void kinds[0]?.goals[0]?.go(went);
    expect(went).toHaveBeenCalledWith({ to: '/recommendations', search: { ticker: 'AAPL' } });
  });
});

describe('keys', () => {
  const went: string[] = [];
  const doing = {
    go: (to: string) => went.push(to),
    palette: () => went.push('palette'),
    sheet: () => went.push('sheet'),
  };

  it('lead to a page after g, and nowhere without it', () => {
    expect(press('r', 'g', doing)).toBe(true);
    expect(press('r', '', doing)).toBe(false);
    expect(went).toEqual(['/recommendations']);
  });

  it('fall back to the palette where a page has no filter', () => {
    press('/', '', doing);
    expect(went.at(-1)).toBe('palette');
  });

  it('walk the rows of the page and stop at its ends', () => {
    Element.prototype.scrollIntoView = () => {};
    document.body.innerHTML = '<main><a data-row href="#1">1</a><a data-row href="#2">2</a></main>';
    const at = () => document.activeElement?.textContent;
    walk(1);
    expect(at()).toBe('1');
    walk(1);
    walk(1);
    expect(at()).toBe('2');
    walk(-1);
    expect(at()).toBe('1');
  });
});
