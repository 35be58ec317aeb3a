// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import { answered, Failure, failure } from './client';

function response(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

describe('an answer of the API', () => {
  it('is its data', async () => {
    expect(await answered(Promise.resolve({ data: { a: 1 }, response: response(200) }))).toEqual({ a: 1 });
  });

  it('that is a problem is thrown with title, detail and request id', async () => {
    const problem = { title: 'Not Found', detail: 'there is no order 7', status: 404, request_id: 'r1' };
    const asked = answered(Promise.resolve({ error: problem, response: response(404) }));
    await expect(asked).rejects.toMatchObject({
      title: 'Not Found',
      message: 'there is no order 7',
      requestId: 'r1',
    });
  });

  it('that is no problem of ours keeps its status and request id', async () => {
    const asked = answered(Promise.resolve({ error: '', response: response(502, { 'x-request-id': 'r2' }) }));
    await expect(asked).rejects.toMatchObject({ status: 502, requestId: 'r2', passing: true });
  });

  it('that never came says that nothing answers', async () => {
    const asked = answered(Promise.reject(new TypeError('Failed to fetch')));
    await expect(asked).rejects.toMatchObject({ title: 'The API does not answer', status: 0, passing: true });
  });
});

it('a refusal is not asked again', () => {
  expect(new Failure('Bad Request', 'no', 400, null).passing).toBe(false);
  expect(failure('odd')).toBeInstanceOf(Failure);
});
