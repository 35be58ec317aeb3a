import { actionWords } from '@/lexicon/words';

const SHAPES: Record<string, { glyph: string; look: string }> = {
  buy: { glyph: '▲', look: 'bg-gain-soft text-gain' },
  sell: { glyph: '▼', look: 'bg-loss-soft text-loss' },
  hold: { glyph: '■', look: 'bg-chip text-muted' },
  watch: { glyph: '◇', look: 'bg-accent-soft text-accent' },
};

/** What is proposed: a word, a shape and a colour, any one of which would do. */
export function Advice({ action, large = false }: { action: string; large?: boolean }) {
  const { glyph, look } = SHAPES[action] ?? { glyph: '•', look: 'bg-chip text-muted' };
  const size = large
    ? 'h-7 gap-1.5 rounded-lg px-2.5 text-base'
    : 'h-5 min-w-16 gap-1 rounded-md px-1.5 text-xs';
  return (
    <span className={`inline-flex items-center font-semibold ${size} ${look}`}>
      <span aria-hidden className="text-[0.7em] leading-none">
        {glyph}
      </span>
      {actionWords(action)}
    </span>
  );
}
