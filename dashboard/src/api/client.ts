// The one place that asks the API: typed by its OpenAPI description, with its problems as errors.

import createClient from 'openapi-fetch';
import type { Problem, paths } from './schema';

export const api = createClient<paths>({ baseUrl: window.location.origin });

/** What the API (or the way to it) said instead of an answer. */
export class Failure extends Error {
  readonly title: string;
  readonly status: number;
  readonly requestId: string | null;

  constructor(title: string, detail: string, status: number, requestId: string | null) {
    super(detail);
    this.name = 'Failure';
    this.title = title;
    this.status = status;
    this.requestId = requestId;
  }

  /** Whether asking again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'title' in body && 'detail' in body;
}

export function failure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new Failure('The API does not answer', `${said}. Is “stonks up” still running?`, 0, null);
}

/** Return the data of an answer, or throw the problem that came instead. */
export async function answered<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await asked.catch((cause: unknown) => {
    throw failure(cause);
  });
  if (response.ok && data !== undefined) return data;
  const requestId = response.headers.get('x-request-id');
  if (isProblem(error)) throw new Failure(error.title, error.detail, error.status, error.request_id);
  throw new Failure(`The API answered ${response.status}`, response.statusText, response.status, requestId);
}
