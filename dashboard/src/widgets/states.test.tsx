// @vitest-environment jsdom

import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '@/api/client';
import { Answered } from './answered';
import { Empty, Failed, Loading } from './states';
import { Whole } from './whole';

function asked<T>(part: { data?: T; error?: Error }) {
  return { data: part.data, error: part.error ?? null, dataUpdatedAt: 0, refetch: vi.fn() };
}

describe('loading', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('shows its skeleton only after 150 ms, in room that it took from the start', () => {
    const { container } = render(<Loading rows={3} />);
    expect(container.querySelectorAll('.h-5')).toHaveLength(3);
    expect(container.querySelectorAll('[data-skeleton]')).toHaveLength(0);

    act(() => void vi.advanceTimersByTime(151));

    expect(container.querySelectorAll('[data-skeleton]')).toHaveLength(3);
  });

  it('says what is awaited', () => {
    render(<Loading label="Loading orders" />);
    expect(screen.getByRole('status', { name: 'Loading orders' })).toBeDefined();
  });
});

describe('an empty answer', () => {
  it('says why and what to do', () => {
    render(<Empty why="Nothing was traded yet." action={<a href="/pipeline">See the pipeline</a>} />);
    expect(screen.getByText('Nothing was traded yet.')).toBeDefined();
    expect(screen.getByRole('link', { name: 'See the pipeline' })).toBeDefined();
  });
});

describe('a problem', () => {
  it('shows title, detail and request id, and asks again on request', () => {
    const retry = vi.fn();
    render(<Failed error={new Failure('Not Found', 'there is no order 7', 404, 'abc123')} retry={retry} />);

    expect(screen.getByRole('alert').textContent).toContain('Not Found');
    expect(screen.getByText('there is no order 7')).toBeDefined();
    expect(screen.getByText('abc123')).toBeDefined();
    screen.getByRole('button', { name: 'Retry' }).click();

    expect(retry).toHaveBeenCalledOnce();
  });

  it('of the network says that nothing answers', () => {
    render(<Failed error={new TypeError('Failed to fetch')} />);
    expect(screen.getByText('The API does not answer')).toBeDefined();
  });
});

describe('an answer', () => {
  it('is shown as it comes', () => {
    render(<Answered query={asked({ data: 7 })}>{(data) => <p>seven: {data}</p>}</Answered>);
    expect(screen.getByText('seven: 7')).toBeDefined();
    expect(screen.queryByRole('status')).toBeNull();
  });

  it('stays when asking again fails, with the instant it is of', () => {
    const query = asked({ data: 7, error: new Error('gone') });
    render(<Answered query={query}>{(data) => <p>seven: {data}</p>}</Answered>);

    expect(screen.getByText('seven: 7')).toBeDefined();
    expect(screen.getByRole('status').textContent).toContain(
      'Not current: as of Wed 31 Dec 1969, 19:00:00 ET',
    );
    screen.getByRole('button', { name: 'Retry' }).click();

    expect(query.refetch).toHaveBeenCalledOnce();
  });

  it('that never came is a problem', () => {
    render(
      <Answered query={asked({ error: new Failure('Bad Request', 'no', 400, null) })}>{() => null}</Answered>,
    );
    expect(screen.getByRole('alert').textContent).toContain('Bad Request');
  });
});

describe('a page that is one answer', () => {
  it('keeps its panels under a word of warning when asking again fails', () => {
    const query = asked({ data: 7, error: new Error('gone') });
    render(
      <Whole query={query} title="Order">
        {(data) => <p>seven: {data}</p>}
      </Whole>,
    );
    expect(screen.getByText('seven: 7')).toBeDefined();
    expect(screen.getByRole('status').textContent).toContain('Not current');
    expect(screen.queryByRole('heading', { name: 'Order' })).toBeNull();
  });

  it('is one panel with the problem where nothing came', () => {
    render(
      <Whole
        query={asked({ error: new Failure('Not Found', 'there is no order 7', 404, null) })}
        title="Order"
      >
        {() => null}
      </Whole>,
    );
    expect(screen.getByRole('heading', { name: 'Order' })).toBeDefined();
    expect(screen.getByRole('alert').textContent).toContain('there is no order 7');
  });
});
