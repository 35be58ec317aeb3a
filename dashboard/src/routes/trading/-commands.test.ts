// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import { asksTwice, COMMANDS, sensible } from './-commands';

describe('the commands that are offered', () => {
  it.each([
    ['active', false, ['pause', 'flatten', 'halt']],
    ['reducing', false, ['resume', 'flatten', 'halt']],
    ['reducing', true, ['halt', 'rearm']],
    ['halted', false, ['flatten', 'rearm']],
    ['not_started', false, ['pause', 'flatten', 'halt']],
  ])('are those that lead anywhere from %s (halting: %s)', (state, halting, offered) => {
    expect(sensible({ state, halts_when_flat: halting })).toEqual(offered);
  });

  it('are asked for twice where they sell, or stop what sells, or end a halt', () => {
    expect(COMMANDS.filter(asksTwice)).toEqual(['flatten', 'halt', 'rearm']);
  });
});
