import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api, failure } from '@/api/client';
import { dollars } from '@/format/decimal';
import { actionWords } from '@/lexicon/words';
import { Answered } from '@/widgets/answered';
import { Button } from '@/widgets/button';
import { Instant } from '@/widgets/instant';
import { Panel } from '@/widgets/panel';
import { useAsking } from './-asking';
import { decide, SHORTEST } from './-commands';
import { ReasonField } from './-reason-field';

const pendingApprovals = queryOptions({
  queryKey: ['approvals', 'pending'],
  queryFn: ({ signal }) =>
    answered(api.GET('/api/v1/approvals', { signal, params: { query: { state: 'pending', limit: 50 } } })),
  refetchInterval: 15_000,
});

/** Orders that wait for a person's yes or no. */
export function ApprovalsPanel() {
  const cache = useQueryClient();
  const query = useQuery(pendingApprovals);
  const [reason, setReason] = useState('');
  const answering = useAsking(decide, (done) => {
    if (done) setReason('');
    void cache.invalidateQueries({ queryKey: ['approvals'] });
    void cache.invalidateQueries({ queryKey: ['trading-status'] });
  });
  const lacking = reason.trim().length < SHORTEST || answering.pending;
  return (
    <Panel title="Waiting for a person" flush>
      <Answered query={query} rows={2} label="Loading approvals">
        {({ items }) =>
          items.length === 0 ? (
            <p className="px-4 py-3 text-muted">No order waits for a yes.</p>
          ) : (
            <div className="flex flex-col">
              <div className="border-line border-b p-4">
                <ReasonField value={reason} set={setReason} />
              </div>
              <ul>
                {items.map((row) => (
                  <li
                    key={row.id}
                    className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-4 py-2.5 last:border-b-0"
                  >
                    <div className="min-w-0 flex-1">
                      <p className="text-ink">
                        {actionWords(row.side)} {row.quantity} {row.ticker}{' '}
                        <span className="num text-muted">
                          between {dollars(row.price_low)} and {dollars(row.price_high)}
                        </span>
                      </p>
                      <p className="text-muted text-xs">
                        {row.why}; asked by {row.requested_by}, until <Instant at={row.expires_at} />
                      </p>
                    </div>
                    <Button
                      disabled={lacking}
                      onClick={() =>
                        answering.give({ id: row.id, decision: 'approve', reason: reason.trim() })
                      }
                    >
                      Approve
                      <span className="sr-only"> {row.ticker}</span>
                    </Button>
                    <Button
                      disabled={lacking}
                      onClick={() =>
                        answering.give({ id: row.id, decision: 'reject', reason: reason.trim() })
                      }
                    >
                      Reject
                      <span className="sr-only"> {row.ticker}</span>
                    </Button>
                  </li>
                ))}
              </ul>
            </div>
          )
        }
      </Answered>
      {answering.error !== null && (
        <p role="alert" className="px-4 py-3 text-loss text-sm">
          {failure(answering.error).message}
        </p>
      )}
    </Panel>
  );
}
