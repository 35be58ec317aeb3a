import { clock, full, short, span, utc } from '@/format/instant';

type Form = 'short' | 'full' | 'clock';
const SHOWN: Record<Form, (iso: string) => string> = { short, full, clock };

/** An instant in New York's time; UTC is in its title. */
export function Instant({ at, form = 'short' }: { at: string | null; form?: Form }) {
  if (at === null) return <span className="text-faint">–</span>;
  return (
    <time dateTime={at} title={`${full(at)} · ${utc(at)}`} className="num">
      {SHOWN[form](at)}
    </time>
  );
}

export function Span({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <span className="text-faint">–</span>;
  return <span className="num">{span(seconds)}</span>;
}
