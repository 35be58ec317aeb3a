import { type Decimal, dollars, quantity, type Sign, sign, signedDollars } from '@/format/decimal';
import { signed, signedPercent } from '@/format/number';

const LOOKS: Record<Sign, { glyph: string; look: string; said: string }> = {
  1: { glyph: '▲', look: 'text-gain', said: 'up' },
  [-1]: { glyph: '▼', look: 'text-loss', said: 'down' },
  0: { glyph: '', look: 'text-muted', said: '' },
};

function Directed({ toward, text }: { toward: Sign; text: string }) {
  const { glyph, look } = LOOKS[toward];
  return (
    <data value={text} className={`num ${look}`}>
      {glyph !== '' && (
        <span aria-hidden className="mr-1 text-[0.65em]">
          {glyph}
        </span>
      )}
      {text}
    </data>
  );
}

const NONE = <span className="text-faint">–</span>;

export function Dollars({ value }: { value: Decimal | null }) {
  return value === null ? (
    NONE
  ) : (
    <data className="num" value={value}>
      {dollars(value)}
    </data>
  );
}

export function Quantity({ value }: { value: Decimal | null }) {
  return value === null ? (
    NONE
  ) : (
    <data className="num" value={value}>
      {quantity(value)}
    </data>
  );
}

/** Money won or lost, with an arrow and a sign beside the colour. */
export function Profit({ value }: { value: Decimal | null }) {
  return value === null ? NONE : <Directed toward={sign(value)} text={signedDollars(value)} />;
}

export function Change({ share, digits = 1 }: { share: number | null; digits?: number }) {
  if (share === null) return NONE;
  const text = signedPercent(share, digits);
  return <Directed toward={/[1-9]/.test(text) ? sign(share) : 0} text={text} />;
}

/** A score in [-1, 1] or a part of one. */
export function Score({ value, digits = 2 }: { value: number | null; digits?: number }) {
  if (value === null) return NONE;
  const text = signed(value, digits);
  return <Directed toward={/[1-9]/.test(text) ? sign(value) : 0} text={text} />;
}
