import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');

function tokens(theme: string): Map<string, string> {
  const block = css.slice(css.indexOf(`[data-theme="${theme}"]`)).split('}')[0] ?? '';
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = ['ink', 'muted', 'accent', 'gain', 'loss', 'warn'];
const GROUNDS = ['canvas', 'surface', 'sunken', 'hover', 'chip'];
const PAIRS = [
  ...TEXT.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ...['accent', 'gain', 'loss', 'warn'].map((tone) => [tone, `${tone}-soft`] as const),
  ...['canvas', 'surface', 'sunken', 'hover'].map((ground) => ['faint', ground] as const),
  ['ink', 'accent-soft'] as const,
  ['muted', 'accent-soft'] as const,
  ['accent-ink', 'accent'] as const,
  ['mark-ink', 'mark'] as const,
  ...['paper', 'replay', 'live'].map((mode) => [`${mode}-ink`, mode] as const),
];
const GRAPHICS = ['gain-bar', 'loss-bar', 'warn-bar', 'accent'];

describe.each(['light', 'dark'])('the %s theme', (theme) => {
  const colours = tokens(theme);
  const ratio = (a: string, b: string) => contrast(colours.get(a) ?? '', colours.get(b) ?? '');

  it.each(PAIRS)('shows %s on %s with at least 4.5:1', (text, ground) => {
    expect(ratio(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(GRAPHICS)('draws %s on a surface with at least 3:1', (bar) => {
    expect(ratio(bar, 'surface')).toBeGreaterThanOrEqual(3);
  });
});
