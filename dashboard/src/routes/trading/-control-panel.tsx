import { useQueryClient } from '@tanstack/react-query';
import { OctagonX } from 'lucide-react';
import { useState } from 'react';
import { failure } from '@/api/client';
import type { TradingStatus } from '@/api/schema';
import { count } from '@/format/number';
import { plain } from '@/lexicon/words';
import { Button } from '@/widgets/button';
import { Instant } from '@/widgets/instant';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';
import { useAsking } from './-asking';
import { asksTwice, type Command, type Said, SHORTEST, say, sensible } from './-commands';
import { ReasonField } from './-reason-field';

const DOES: Record<Command, string> = {
  pause: 'Nothing is entered; open positions are still managed.',
  resume: 'Entries pass again.',
  flatten: 'Entry orders are taken back, and every position is sold at the market, in session.',
  halt: 'Nothing is sent to the broker, exits neither; protective stops stay there.',
  rearm: 'The halt ends. Breakers that are open stay so.',
};
const MEANS: Record<string, string> = {
  active: 'Entries pass, where every gate and breaker lets them.',
  reducing: 'Nothing is entered; open positions are still managed.',
  halted: 'Nothing is sent to the broker, exits neither.',
};
const TONES = { active: 'gain', reducing: 'warn', halted: 'loss' } as const;

/** What the account may do, since when, by whom and why. */
function Account({ status }: { status: TradingStatus }) {
  const tone = TONES[status.state as keyof typeof TONES] ?? 'quiet';
  return (
    <div className="flex flex-col gap-1.5">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Tag tone={tone}>{plain(status.state)}</Tag>
        <span className="text-ink">
          {status.halts_when_flat
            ? 'Every position is being given up; the account halts once it is flat.'
            : MEANS[status.state]}
        </span>
      </p>
      {status.changed_by !== null && (
        <p className="text-muted text-sm">
          Since <Instant at={status.changed_at} /> by <span className="text-ink">{status.changed_by}</span>:{' '}
          {status.reason}
        </p>
      )}
      {status.leaving > 0 && (
        <p className="text-muted text-sm">{count(status.leaving)} positions are being given up.</p>
      )}
      {status.halt_file && (
        <p className="flex items-center gap-1.5 text-loss text-sm">
          <OctagonX aria-hidden className="size-4" />
          The file HALT is in the data directory: nothing is sent while it is there.
        </p>
      )}
    </div>
  );
}

interface ConfirmProps {
  command: Command;
  status: TradingStatus;
  give: (part: Pick<Said, 'cancelOrders' | 'flatten'>) => void;
  drop: () => void;
}

/** The second step of what sells, or stops what sells: on which account, with what. */
function Confirm({ command, status, give, drop }: ConfirmProps) {
  const [cancelOrders, setCancelOrders] = useState(true);
  const [flatten, setFlatten] = useState(false);
  return (
    <fieldset className="flex flex-col gap-2.5 rounded-lg border border-line-strong p-3">
      <legend className="px-1 font-semibold text-ink text-sm">
        {plain(command)} {status.account} ({status.mode})
      </legend>
      <p className="text-muted text-sm">
        {DOES[command]} {count(status.open_positions)} positions are held, {count(status.open_orders)} orders
        work.
      </p>
      {command === 'halt' && (
        <div className="flex flex-col gap-1.5 text-ink text-sm">
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4"
              checked={cancelOrders}
              onChange={(event) => setCancelOrders(event.target.checked)}
            />
            Take entry orders back
          </label>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4"
              checked={flatten}
              onChange={(event) => setFlatten(event.target.checked)}
            />
            Give every position up first: the account only reduces until it is flat
          </label>
        </div>
      )}
      <div className="flex gap-2">
        <Button autoFocus onClick={() => give({ cancelOrders, flatten })}>
          {plain(command)} now
        </Button>
        <Button onClick={drop}>Leave it</Button>
      </div>
    </fieldset>
  );
}

/** Stops the account and starts it again. */
export function ControlPanel({ status }: { status: TradingStatus }) {
  const cache = useQueryClient();
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState<Command | null>(null);
  const saying = useAsking(say, (done) => {
    if (done) setReason('');
    setAsked(null);
    void cache.invalidateQueries({ queryKey: ['trading-status'] });
  });
  const lacking = reason.trim().length < SHORTEST;
  const give = (command: Command, part = { cancelOrders: false, flatten: false }) =>
    saying.give({ command, reason: reason.trim(), ...part });
  return (
    <Panel title="Account" note={`${status.account}, ${status.mode}`}>
      <div className="flex flex-col gap-4">
        <Account status={status} />
        <ReasonField value={reason} set={setReason} />
        {asked === null ? (
          <div className="flex flex-wrap items-center gap-2">
            {sensible(status).map((command) => (
              <Button
                key={command}
                title={DOES[command]}
                disabled={lacking || saying.pending}
                onClick={() => (asksTwice(command) ? setAsked(command) : give(command))}
              >
                {command === 'halt' && <OctagonX aria-hidden className="size-4 text-loss" />}
                {plain(command)}
              </Button>
            ))}
            {lacking && <span className="text-muted text-xs">Say why first.</span>}
          </div>
        ) : (
          <Confirm
            command={asked}
            status={status}
            give={(part) => give(asked, part)}
            drop={() => setAsked(null)}
          />
        )}
        <p role="status" className="text-muted text-sm empty:hidden">
          {saying.answer && `${plain(saying.answer.state)}: ${saying.answer.meaning}.`}
          {saying.answer &&
            saying.answer.sending > 0 &&
            ` ${saying.answer.sending} orders may still reach the broker.`}
        </p>
        {saying.error !== null && (
          <p role="alert" className="text-loss text-sm">
            {failure(saying.error).message}
          </p>
        )}
      </div>
    </Panel>
  );
}
